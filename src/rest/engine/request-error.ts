import type { FieldProblem } from '../../errors/app-error';

/** What can be wrong with a request before any operation is asked, with its HTTP status. */
export const requestErrors = {
  MALFORMED_PATH: 400,
  MALFORMED_BODY: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
} as const;

export type RequestErrorCode = keyof typeof requestErrors;

/** A request that no operation can be asked with. Its problems are for the client. */
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
