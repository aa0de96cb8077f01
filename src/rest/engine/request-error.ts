import type { FieldProblem } from '../../errors/app-error';

/** Errors of a request that reaches no operation, with their HTTP status. */
export const requestErrors = {
  MALFORMED_PATH: 400,
  MALFORMED_BODY: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
} as const;

export type RequestErrorCode = keyof typeof requestErrors;

/** A request that cannot be mapped to an operation. Its problems are for the client. */
export class RequestError extends Error {
  readonly params = {};

  constructor(
    readonly code: RequestErrorCode,
    readonly problems: readonly FieldProblem[],
  ) {
    super(problems[0]?.message ?? code);
    this.name = 'RequestError';
  }
}

/** A request error with one problem. */
export const badRequest = (code: RequestErrorCode, field: string, message: string): RequestError =>
  new RequestError(code, [{ field, message }]);
