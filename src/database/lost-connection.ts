import type { Client } from 'pg';

const NOTHING = { command: '', rowCount: 0, oid: 0, rows: [], fields: [] };

/**
 * Closes a connection on which BEGIN or ROLLBACK fails, and lets both succeed: PostgreSQL has rolled back, and every
 * other statement fails, COMMIT too. Kysely gives a connection on which one of them failed never back to the pool, and
 * a pool that has lost all of its connections that way answers nothing until the process ends.
 */
export function releaseWhenLost(client: Client): void {
  const send = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    const answer = send(...args);
    if ((args[0] !== 'begin' && args[0] !== 'rollback') || !(answer instanceof Promise)) return answer;
    return answer.catch(() => {
      client.connection.stream.destroy();
      return NOTHING;
    });
  }) as typeof client.query;
}
