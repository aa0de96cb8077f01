import type { RedisConnection } from './redis-connection';

/** The part of a node-redis client that rate-limiter-flexible calls, each call within the time limit of `run`. */
export function limiterClient(connection: RedisConnection) {
  return {
    get isReady(): boolean {
      return connection.isReady;
    },
    eval: (script: string, options: { keys: string[]; arguments: string[] }) =>
      connection.run('EVAL', (client) => client.eval(script, options)),
    del: (key: string) => connection.run('DEL', (client) => client.del(key)),
  };
}
