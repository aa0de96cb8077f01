import { IntrospectDocument, LogoutDocument, MeDocument } from '../../src/rest/generated/operations';
import { type DatabaseProxy, startDatabaseProxy } from '../fakes/database-proxy';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import type { TestDatabase } from '../support/database';
import { DatabaseLoad } from '../support/database-load';
import { describeUnless } from '../support/describe-unless';
import { eventually } from '../support/eventually';
import { missingPrograms, portBehind, startPgBouncer, startPostgresPair } from '../support/postgres-pair';
import { isLive, refresh, refreshed, untilWhole } from '../support/sessions';

/**
 * HAProxy is configured as in docs/operations.md. `npm run drill:postgres` loads the pair for longer,
 * and with asynchronous replication too.
 */
const IS_DRILL = process.env.POSTGRES_DRILL === 'on';
/** Confirmed logouts before and after a promotion. */
const ENOUGH = IS_DRILL ? 300 : 10;
/** What asynchronous replication may lose, in milliseconds before the end of the primary. */
const LAG_MS = 1000;
const AWAY = 'SERVICE_UNAVAILABLE';

type Pair = Awaited<ReturnType<typeof startPostgresPair>>;

const readiness = async (app: TestApp): Promise<unknown> => (await fetch(`${app.origin}/health/ready`)).json();
const at = (url: string): TestDatabase => ({ url, drop: async () => {} });
const outcomes = (app: TestApp, token: string, times: number): Promise<string[]> =>
  Promise.all(Array.from({ length: times }, () => app.outcome(MeDocument, {}, token)));

async function startServers(url: string, env: Record<string, string> = {}): Promise<[TestApp, TestApp]> {
  const one = await startApp({ database: at(url), env });
  return [one, await startApp({ database: at(url), env, clock: one.clock })];
}

/** Kills the primary under load and promotes the standby. @returns the load, and when the primary ended */
async function failOver(pair: Pair, servers: readonly TestApp[]): Promise<{ load: DatabaseLoad; killedAt: number }> {
  const users: TestUser[] = [await servers[0]!.user(), await servers[0]!.user()];
  const load = new DatabaseLoad(servers, await servers[0]!.admin());
  load.start(users);
  const more = async (what: string) => {
    const before = load.revoked.length;
    await eventually(what, () => load.revoked.length >= before + ENOUGH || load.wrong.length > 0);
  };
  await more('logouts before the failover');
  const killedAt = performance.now();
  await pair.first.kill();
  pair.second.promote();
  const promotedAt = performance.now();
  await more('logouts after the failover');
  const resumed = Math.min(...load.users.map((user) => user.at).filter((time) => time > promotedAt)) - promotedAt;
  for (const server of servers) await untilWhole(server);
  await load.stop();
  process.stdout.write(
    `postgres: ${load.answers} answers, ${load.wrong.length} wrong, ${load.refusals} times away, ` +
      `promoted after ${(promotedAt - killedAt).toFixed(0)} ms, writes ${resumed.toFixed(0)} ms later${load.wrong.map((each) => `\n  ${each}`).join('')}\n`,
  );
  if (IS_DRILL) expect(resumed).toBeLessThan(5000);
  return { load, killedAt };
}

describeUnless(missingPrograms('haproxy', 'pgbouncer'), 'two nodes of PostgreSQL', () => {
  let pair: Pair;
  let servers: [TestApp, TestApp];
  let network: DatabaseProxy;
  beforeAll(async () => {
    pair = await startPostgresPair('synchronous');
    servers = await startServers(pair.url);
  });
  afterAll(async () => {
    for (const server of servers ?? []) await server.close();
    await network?.close();
    await pair?.stop();
  });

  test('a primary killed under load: the address follows the promotion, and nothing that was confirmed is lost', async () => {
    const { load } = await failOver(pair, servers);
    expect(servers.flatMap(({ logs }) => logs.filter(({ level }) => level >= 50))).toEqual([]);
    expect(load.wrong).toEqual([]);
    expect(await load.missing()).toEqual([]);
  });

  test('the former primary comes back as one: no revoked token is accepted, and no live one refused', async () => {
    const [one, other] = servers;
    const [live, revoked] = [await one.user(), await one.user()];
    await one.data(LogoutDocument, { input: { token: revoked.token } });
    await pair.first.start();
    await eventually('the address to lead to both', async () => (await portBehind(pair.url)) === pair.first.port);
    // every connection is made anew, to either of them
    await pair.second.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = 'identity' and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    const checks = IS_DRILL ? 400 : 40;
    for (const server of [one, other]) {
      const refused = await outcomes(server, revoked.token, checks);
      expect(refused.filter((outcome) => !['UNAUTHENTICATED', AWAY].includes(outcome))).toEqual([]);
      const accepted = await outcomes(server, live.token, checks);
      expect(accepted.filter((outcome) => !['ok', AWAY].includes(outcome))).toEqual([]);
    }
    await pair.first.kill();
    for (const server of servers) await untilWhole(server);
    expect([await isLive(other, live.token), await isLive(other, revoked.token)]).toEqual([true, false]);
  });

  test('an address that leads to a standby: 503, never 401, the feed is not trusted, and no server starts', async () => {
    await pair.first.follow(pair.second);
    network = await startDatabaseProxy(at(pair.second.url()));
    const app = await startApp({ database: at(network.url) });
    const user = await app.user({ username: 'minh' });
    await network.cut();
    network.leadTo(pair.first.url());
    await network.restore();
    await eventually('the standby to be refused', async () => (await app.outcome(MeDocument, {}, user.token)) === AWAY);
    expect(await outcomes(app, user.token, 20)).toEqual(Array(20).fill(AWAY));
    expect(await readiness(app)).toMatchObject({ status: 'unavailable', dependencies: { 'change-feed': 'down' } });
    await expect(startApp({ database: at(network.url) })).rejects.toThrow('it is a standby');
    await network.cut();
    network.leadTo(pair.second.url());
    await network.restore();
    await untilWhole(app);
    expect(await isLive(app, user.token)).toBe(true);
    await app.close();
  });

  test('behind PgBouncer: logins, rotation, revocation on every process, and the change feed past it', async () => {
    const pooler = await startPgBouncer(network.url);
    const env = { DATABASE_DIRECT_URL: pair.url };
    const [one, other] = await startServers(pooler.url, env);
    try {
      for (const server of [one, other]) await untilWhole(server);
      const user = await one.user({ username: 'hoai' });
      const next = await refreshed(other, user.tokens.refreshToken);
      const twenty = await Promise.all(
        Array.from({ length: 20 }, (_, i) => refresh(i % 2 ? one : other, next.refreshToken)),
      );
      expect(twenty.filter(({ errors }) => errors)).toEqual([]);
      const logins = await Promise.all(
        Array.from({ length: 30 }, (_, i) => (i % 2 ? one : other).login(user.username)),
      );
      await Promise.all(logins.map(({ accessToken: token }) => one.data(LogoutDocument, { input: { token } })));
      await eventually('every logout on the other process', async () =>
        (await Promise.all(logins.map(({ accessToken }) => isLive(other, accessToken)))).every((live) => !live),
      );

      // its clients keep their connections while the node behind it is another
      const last = await one.login(user.username, PASSWORD);
      await network.cut();
      network.leadTo(pair.first.url());
      await network.restore();
      const token = last.accessToken;
      const unknown = await Promise.all(
        Array.from({ length: 20 }, () => one.outcome(IntrospectDocument, { input: { token } })),
      );
      expect(unknown.filter((outcome) => ![AWAY, 'ok'].includes(outcome))).toEqual([]);
      expect((await outcomes(other, token, 20)).filter((outcome) => !['ok', AWAY].includes(outcome))).toEqual([]);
      await network.cut();
      network.leadTo(pair.second.url());
      await network.restore();
      await eventually('writes', async () => (await one.outcome(LogoutDocument, { input: { token } })) === 'ok');
    } finally {
      await Promise.allSettled([one.close(), other.close()]);
      await pooler.stop();
    }
  });
});

if (IS_DRILL)
  test('asynchronous replication: what is lost was confirmed within its lag', async () => {
    const pair = await startPostgresPair('asynchronous');
    const servers = await startServers(pair.url);
    const { load, killedAt } = await failOver(pair, servers);
    const lost = await load.missing();
    const ages = lost.map((each) => killedAt - each.at);
    process.stdout.write(
      `postgres, asynchronous: ${lost.length} of the confirmed were lost, ages ${ages.join(' ')} ms\n`,
    );
    expect(ages.filter((age) => age > LAG_MS)).toEqual([]);
    for (const server of servers) await server.close();
    await pair.stop();
  });
