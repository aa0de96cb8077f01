import type { RedisConnection } from './redis-connection';

/**
 * What rate-limiter-flexible calls of a node-redis client, with the time limit of {@link
 * RedisConnection.run}: its own calls would wait for a frozen Redis.
 */
export function limiterClient(connection: RedisConnection) {
  return {
    get isReady(): boolean {
      return connection.isReady;
    },
    eval: (script: string, options: { keys: string[]; arguments: string[] }) =>
      connection.run((client) => client.eval(script, options)),
    del: (key: string) => connection.run((client) => client.del(key)),
    multi: () => {
      const multi = connection.client.multi();
      const exec = multi.exec.bind(multi);
      return Object.assign(multi, { exec: (asPipeline?: boolean) => connection.run(() => exec(asPipeline)) });
    },
  };
}
