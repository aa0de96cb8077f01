import { type ErrorCode, errorCatalogue } from './catalogue';

export type ErrorParams = Readonly<Record<string, string | number>>;

/** One member of the input that is wrong. */
export interface FieldProblem {
  field: string;
  message: string;
  /** The message for people who read Vietnamese. */
  vietnamese?: string;
}

export interface AppErrorOptions {
  cause?: unknown;
  problems?: readonly FieldProblem[];
  /** The account that was refused, for the security history; no client gets it. */
  account?: { id: string; name: string };
}

/**
 * The only error whose message reaches a client. `code` is from the catalogue, `params` fill the
 * message and travel as `extensions` members, `cause` is for the log alone. Anything else that is
 * thrown is masked as INTERNAL_SERVER_ERROR.
 */
export class AppError extends Error {
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    readonly params: ErrorParams = {},
    options: AppErrorOptions = {},
  ) {
    super(fillIn(errorCatalogue[code].message, params), 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'AppError';
    this.status = errorCatalogue[code].status;
    this.problems = options.problems ?? [];
    this.account = options.account ?? null;
  }

  readonly problems: readonly FieldProblem[];
  readonly account: AppErrorOptions['account'] | null;
}

/** Replaces `{name}` in a message from the parameters. */
export const fillIn = (message: string, params: Readonly<Record<string, unknown>>): string =>
  message.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));

/** How long a client should wait when the service is away, in seconds. */
const RETRY_AFTER = 2;

/** For what cannot be decided or done now: the database is away, or everything is busy. */
export function serviceUnavailable(cause: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', { retryAfter: RETRY_AFTER }, { cause });
}
