import { startApp, type TestApp, type TestUser } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { describeWithPrivateRedis } from '../support/redis';
import { type FleetNode, type RedisFleet, startCluster, startSentinels } from '../support/redis-fleets';
import { LOAD_ENVIRONMENT, StoreLoad } from '../support/store-load';

/** `npm run drill:redis` has more of them, one after the other. */
const FAILOVERS = Number(process.env.REDIS_FAILOVERS ?? 1);
/** Slots that move from one primary to another under load. */
const SLOTS = FAILOVERS * 100;
const USERS = 3;

/** Two servers on one database and one Redis, under load. */
class Subject {
  private readonly away: number[] = [];

  private constructor(
    readonly fleet: RedisFleet,
    private readonly database: TestDatabase,
    private readonly servers: readonly TestApp[],
    private readonly users: readonly TestUser[],
    readonly load: StoreLoad,
  ) {}

  static async start(fleet: RedisFleet): Promise<Subject> {
    const database = await createTestDatabase();
    const env = { ...LOAD_ENVIRONMENT, REDIS_URL: fleet.url };
    const one = await startApp({ database, env });
    const other = await startApp({ database, env, clock: one.clock });
    const users: TestUser[] = [];
    for (let i = 0; i < USERS; i++) users.push(await one.user());
    const load = new StoreLoad([one, other]);
    const subject = new Subject(fleet, database, [one, other], users, load);
    await subject.untilWhole();
    load.start(users);
    await subject.untilExact();
    return subject;
  }

  /** Waits for series of guesses that were counted exactly. */
  async untilExact(): Promise<void> {
    const before = this.load.exactSeries;
    await eventually('exact limits', () => this.load.exactSeries >= before + 3 || this.load.wrong.length > 0);
  }

  /** Waits until every server has its Redis. */
  async untilWhole(): Promise<void> {
    for (const server of this.servers)
      await eventually('a server to have its Redis', async () => {
        const ready = (await (await fetch(`${server.origin}/health/ready`)).json()) as {
          dependencies: Record<string, string>;
        };
        return ready.dependencies.redis === 'up';
      });
  }

  /** The primary goes, another takes over, and the servers find it by themselves. */
  async failOver(fault: (primary: FleetNode) => Promise<void> | void): Promise<void> {
    const primary = this.fleet.primary();
    await this.load.withoutRedis(async () => {
      await fault(primary);
      await this.fleet.takenOver(primary);
      const promotedAt = performance.now();
      await this.untilWhole();
      this.away.push(performance.now() - promotedAt);
      await this.fleet.rejoin(primary);
      await this.untilWhole();
    });
    await this.untilExact();
  }

  /** Ends the load. @returns what was wrong about its answers, and about the values that it leaves */
  async finish(): Promise<string[]> {
    await this.load.stop();
    const keys = this.users.map(({ id }) => `session:${id}`);
    const wanted = this.users.map(({ id }) => this.load.live.get(id));
    await eventually('the values of the live sessions alone', async () => {
      const found = await this.fleet.values(keys);
      return found.every((value, i) => (value !== null) === wanted[i]);
    });
    return this.load.wrong;
  }

  report(title: string): void {
    const longest = Math.max(...this.away).toFixed(0);
    process.stdout.write(
      `${title}: ${this.load.answers} answers, ${this.load.wrong.length} wrong, ${this.load.exactSeries} exact series, ` +
        `${this.away.length} failovers, used again at most ${longest} ms after the promotion\n`,
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.servers.map((server) => server.close()));
    await this.database.drop();
  }
}

/** A primary that is killed, and, in the drill, every other time one that is silent. */
const faults = Array.from({ length: FAILOVERS }, (_, i) => (node: FleetNode) => (i % 2 ? node.pause() : node.stop()));

describeWithPrivateRedis('behind sentinels', () => {
  test('a primary that is killed under load: no wrong answer, and the next one is used by itself', async () => {
    const fleet = await startSentinels();
    const subject = await Subject.start(fleet);
    try {
      for (const fault of faults) await subject.failOver(fault);
      expect(await subject.finish()).toEqual([]);
      subject.report('sentinels');
    } finally {
      await subject.close();
      await fleet.stop();
    }
  });
});

describeWithPrivateRedis('in a cluster', () => {
  test('a primary that is killed and slots that move under load: no wrong answer', async () => {
    const fleet = await startCluster();
    const subject = await Subject.start(fleet);
    try {
      await fleet.reshard(SLOTS);
      await subject.untilExact();
      for (const fault of faults) await subject.failOver(fault);
      expect(await subject.finish()).toEqual([]);
      subject.report('a cluster');
    } finally {
      await subject.close();
      await fleet.stop();
    }
  });
});
