import { setTimeout as pause } from 'node:timers/promises';
import { AssignRoleDocument, UnassignRoleDocument } from '../../../src/rest/generated/operations';
import { startApp, type TestApp } from '../../support/app';
import { StillClock } from '../../support/clock';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { type PrivateRedis, startPrivateRedis } from '../../support/redis';
import type { AccessToken, ModelUser, TokenModel, Verdict } from './token-model';

/** A revoked token must be refused everywhere within this: a second in `npm run drill:model`. */
const BOUND_MS = Number(process.env.MODEL_BOUND_MS ?? 120_000);
const CHECK = '{ permissions { name } }';

/**
 * Two servers with a pool, a feed and caches of their own, on one database, one Redis and one
 * clock.
 */
export class Servers {
  readonly clock = new StillClock();
  readonly apps: TestApp[] = [];
  team = '';
  /**
   * How long after the ending the latest request was sent that a server still accepted, in
   * milliseconds.
   */
  longestDelay = 0;
  checks = 0;
  private database!: TestDatabase;
  private people = 0;
  private redisRuns = true;

  private constructor(readonly redis: PrivateRedis | null) {}

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

  at(index: number): TestApp {
    return this.apps[index % 2]!;
  }

  /** @param what `start` and `stop` do nothing where it is so already */
  async store(what: 'flush' | 'stop' | 'start'): Promise<void> {
    if (what !== 'flush' && this.redisRuns === (what === 'start')) return;
    if (what !== 'flush') this.redisRuns = what === 'start';
    else if (!this.redisRuns) return;
    await this.redis?.[what]();
  }

  async addUser(model: TokenModel): Promise<void> {
    const username = `model-user${++this.people}`;
    const of = { username, email: `${username}@example.org`, password: 'password 0' };
    const [app] = this.apps as [TestApp];
    const { createUser } = await app.data<{ createUser: { user: { id: string } } }>(
      'mutation($i: CreateUserInput!) { createUser(input: $i) { user { id } } }',
      { i: of },
      await app.admin(),
    );
    model.users.push({ ...of, id: createUser.user.id, exists: true, active: true, team: false });
  }

  async setTeam(index: number, user: ModelUser, holds: boolean): Promise<void> {
    const input = { userId: user.id, role: this.team };
    await this.at(index).data<unknown, object>(
      (holds ? AssignRoleDocument : UnassignRoleDocument) as never,
      { input },
      await this.at(index).admin(),
    );
  }

  /**
   * That a server decides on a token as the model does. A server that was told by another may take up
   * to the bound; but it refuses no live token for a moment.
   * @throws Error
   */
  async check(index: number, token: AccessToken, model: TokenModel): Promise<void> {
    const expected = model.verdict(token);
    const startedAt = performance.now();
    for (let tries = 1; ; tries++) {
      this.checks++;
      const delay = performance.now() - startedAt;
      const verdict = (await this.at(index).outcome(CHECK, {}, token.token)) as Verdict;
      if (verdict === expected) return;
      if (verdict === 'UNAUTHENTICATED')
        throw new Error(`a live ${token.kind} token is refused (${expected} expected)`);
      if (expected === 'UNAUTHENTICATED') this.longestDelay = Math.max(this.longestDelay, delay);
      // a machine that stood still has not asked often
      if (delay > BOUND_MS && tries > 20)
        throw new Error(`a ${token.kind} token gets ${verdict} where ${expected} is due, ${BOUND_MS} ms after`);
      await pause(1);
    }
  }

  /**
   * As `check`, where nothing is left to be heard: after a mutation of this server. @throws Error
   */
  async checkAtOnce(index: number, token: AccessToken, model: TokenModel): Promise<void> {
    this.checks++;
    const [expected, verdict] = [model.verdict(token), await this.at(index).outcome(CHECK, {}, token.token)];
    if (verdict !== expected) throw new Error(`a ${token.kind} token gets ${verdict} where ${expected} is due at once`);
  }

  /** Ends the connections on which the servers hear of changes. */
  async cutFeeds(): Promise<void> {
    await this.apps[0]!.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query in ('select 1', 'listen identity_changes')`,
    );
  }
}
