import { startApp, type TestApp } from '../../support/app';
import { StillClock } from '../../support/clock';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { type PrivateRedis, startPrivateRedis } from '../../support/redis';
import { Driver } from './driver';

/**
 * Two servers with a pool, a feed and caches of their own, on one database, one Redis and one
 * clock.
 */
export class Servers extends Driver {
  readonly clock = new StillClock();
  readonly apps: TestApp[] = [];
  private database!: TestDatabase;
  private redisRuns = true;

  private constructor(readonly redis: PrivateRedis | null) {
    super();
  }

  static async start(withRedis: boolean): Promise<Servers> {
    const servers = new Servers(withRedis ? await startPrivateRedis() : null);
    servers.database = await createTestDatabase();
    const env = { LOGIN_RATE_LIMIT: '100000/60', ...(servers.redis && { REDIS_URL: servers.redis.url }) };
    for (let i = 0; i < 2; i++)
      servers.apps.push(await startApp({ database: servers.database, clock: servers.clock, env }));
    servers.team = await servers.at(0).role(['READ_PERMISSIONS']);
    return servers;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.apps.map((app) => app.close()));
    await this.database.drop();
    await this.redis?.stop();
    // an unexpected error that a server logged is thrown by its close
    await Promise.all(this.apps.map((app) => app.close()));
  }

  override at(index: number): TestApp {
    return this.apps[index % 2]!;
  }

  /** @param what `start` and `stop` do nothing where it is so already */
  async store(what: 'flush' | 'stop' | 'start'): Promise<void> {
    if (what !== 'flush' && this.redisRuns === (what === 'start')) return;
    if (what !== 'flush') this.redisRuns = what === 'start';
    else if (!this.redisRuns) return;
    await this.redis?.[what]();
  }

  /** Ends the connections on which the servers hear of changes. */
  async cutFeeds(): Promise<void> {
    await this.apps[0]!.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query in ('select 1', 'listen identity_changes')`,
    );
  }
}
