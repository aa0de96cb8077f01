import type { Logger } from 'pino';
import { KongError, KongFailureError, KongUnreachableError } from './kong-errors';

export interface WriteOnce<T> {
  operation: string;
  /** Null when Kong answers that it exists already. */
  write: () => Promise<T | null>;
  /** Null when it does not exist. */
  read: (timeoutMs?: number) => Promise<T | null>;
  /** Limit in milliseconds for the read after a lost answer. */
  readTimeoutMs: number;
  logger: Logger;
}

/**
 * A POST that takes effect once, although its answer may be lost. `read` then finds out whether it
 * was applied; only when it was not, and Kong answers quickly, it is written once more. When `read`
 * fails, the error of the write is thrown.
 */
export async function writeOnce<T>({ operation, write, read, readTimeoutMs, logger }: WriteOnce<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const written = await write().catch(lostOrThrown);
    if (written !== null && !(written instanceof KongError)) return written;
    const lost = written;
    if (lost)
      logger.warn({ err: lost, operation }, 'the answer of Kong to a write was lost; reading whether it was applied');
    const found = lost ? await read(readTimeoutMs).catch(() => Promise.reject(lost)) : await read();
    if (found) return found;
    const timedOut = lost instanceof KongUnreachableError && lost.reason === 'timeout';
    if (timedOut || attempt === 2)
      throw lost ?? new KongFailureError({ operation, status: 409, problem: 'it exists, but is not found' });
  }
}

function lostOrThrown(error: unknown): KongError {
  if (error instanceof KongError && error.outcomeUnknown) return error;
  throw error;
}
