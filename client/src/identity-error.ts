/** An error of the server, by its code: docs/api.md lists them. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';

  constructor(
    message: string,
    readonly code: string,
    /** `reason`, `retryAfter`, `needs`, `problems`, whatever the code brings. */
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
