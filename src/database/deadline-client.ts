import { Client, type ClientConfig } from 'pg';

/**
 * Connections that close when a statement is not answered in time: PostgreSQL hangs, or the network does. Whatever
 * was to be sent after it, such as the end of its transaction, would wait as long again.
 * @param ms how long a statement may take; 0 is for ever
 */
export function clientWithDeadline(ms: number): typeof Client {
  if (ms === 0) return Client;
  return class DeadlineClient extends Client {
    constructor(config?: string | ClientConfig) {
      super(config);
      let timer: NodeJS.Timeout | undefined;
      const settle = () => {
        clearTimeout(timer);
        timer = undefined;
      };
      const close = () => this.connection.stream.destroy(new StatementTimeoutError(ms));
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      this.query = ((...args: unknown[]) => {
        timer ??= setTimeout(close, ms);
        return send(...args);
      }) as typeof this.query;
      this.on('drain', settle);
      this.on('error', settle);
      this.on('end', settle);
    }
  };
}

/** PostgreSQL did not answer in time; whether the statement took effect is unknown. */
class StatementTimeoutError extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(ms: number) {
    super(`PostgreSQL did not answer a statement within ${ms} ms`);
  }
}
