/**
 * The embedded PostgreSQL can't be used here; the message is one sentence that says why and what to
 * do about it.
 */
export class EmbeddedPostgresError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}
