import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { describeUnless } from './describe-unless';
import { eventually } from './eventually';
import { type RedisServer, redisServerMissing, startRedisServer } from './redis-server';

/**
 * An own logical database of the run's Redis; readable in hooks and tests, not while suites are
 * collected.
 */
export interface TestRedis {
  readonly url: string;
  flush(): Promise<void>;
}

/** A server of the test's own, to stop, freeze and flush. It comes back on the same port, empty. */
export interface PrivateRedis extends RedisServer {
  start(): Promise<void>;
  flush(): Promise<void>;
}

/**
 * Runs the suite on an own, empty logical database; where there is no Redis registers it as
 * skipped, with the reason for the closing summary.
 */
export function describeWithRedis(title: string, suite: (redis: TestRedis) => void): void {
  describeUnless(process.env.TEST_REDIS_MISSING, title, () => {
    let claimed: ClaimedDatabase | undefined;
    const get = (): ClaimedDatabase => {
      if (!claimed) throw new Error('the Redis of a suite is there in its hooks and tests only');
      return claimed;
    };
    beforeAll(async () => {
      claimed = await claimDatabase(process.env.TEST_REDIS_URL!);
    });
    afterAll(() => claimed?.release());
    suite({
      get url() {
        return get().url;
      },
      flush: () => get().flush(),
    });
  });
}

/** For suites that call startPrivateRedis(). */
export function describeWithPrivateRedis(title: string, suite: () => void): void {
  describeUnless(redisServerMissing(), title, suite);
}

export async function startPrivateRedis(): Promise<PrivateRedis> {
  let server = await startRedisServer();
  const { url } = server;
  return {
    url,
    stop: () => server.stop(),
    start: async () => {
      server = await startRedisServer(Number(new URL(url).port));
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
    flush: async () => {
      await withClient(url, (client) => client.flushAll());
    },
  };
}

interface ClaimedDatabase {
  url: string;
  flush(): Promise<void>;
  release(): Promise<void>;
}

const CLAIM = 'test-run:claim';
/**
 * Takes a database that is empty, or that a run left behind an hour ago: a developer's own data is
 * never touched.
 */
const TAKE = `
local claimed = redis.call('GET', KEYS[1])
local now = tonumber(redis.call('TIME')[1])
if claimed and now - tonumber(claimed) < 3600 then return 0 end
if not claimed and redis.call('DBSIZE') > 0 then return 0 end
redis.call('FLUSHDB')
redis.call('SET', KEYS[1], now)
return 1`;
const EMPTY = "redis.call('FLUSHDB') redis.call('SET', KEYS[1], redis.call('TIME')[1])";

async function claimDatabase(server: string): Promise<ClaimedDatabase> {
  const claim = async (): Promise<ClaimedDatabase | undefined> => {
    for (let number = 15; number > 0; number--) {
      const url = Object.assign(new URL(server), { pathname: `/${number}` }).href;
      if (!(await withClient(url, (client) => client.eval(TAKE, { keys: [CLAIM] })))) continue;
      return {
        url,
        flush: async () => {
          await withClient(url, (client) => client.eval(EMPTY, { keys: [CLAIM] }));
        },
        release: async () => {
          await withClient(url, (client) => client.flushDb());
        },
      };
    }
    return undefined;
  };
  return eventually('a logical database of the Redis that is free', claim);
}

async function withClient<T>(url: string, use: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
  const client = createClient({ url, name: `test-${randomUUID()}`, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}
