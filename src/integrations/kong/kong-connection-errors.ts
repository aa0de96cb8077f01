import type { UnreachableReason } from './kong-errors';

interface ConnectionProblem {
  reason: UnreachableReason;
  /** Whether the request may have left this machine, so that a write may have been applied. */
  sent: boolean;
  /** The peer answered with something that is not HTTP. */
  notHttp: boolean;
}

const NEVER_SENT: Record<string, UnreachableReason> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EHOSTUNREACH: 'failed',
  ENETUNREACH: 'failed',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
};
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * Classifies what fetch throws. Its own message is empty; the reason is in `cause`, for two
 * addresses of one host one level deeper.
 */
export function connectionProblem(error: unknown): ConnectionProblem {
  const name = member(error, 'name');
  if (name === 'TimeoutError' || name === 'AbortError') {
    return { reason: 'timeout', sent: true, notHttp: false };
  }
  const code = codeOf(error);
  const neverSent = NEVER_SENT[code];
  if (neverSent) return { reason: neverSent, sent: false, notHttp: false };
  if (BROKEN.has(code)) return { reason: 'broken', sent: true, notHttp: false };
  return { reason: 'failed', sent: true, notHttp: code.startsWith('HPE_') };
}

function codeOf(error: unknown): string {
  const code = member(error, 'code');
  if (typeof code === 'string') return code;
  const errors = member(error, 'errors');
  const cause = Array.isArray(errors) ? errors[0] : member(error, 'cause');
  return cause === undefined ? '' : codeOf(cause);
}

/** Not instanceof: these errors may come from another realm. */
function member(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}
