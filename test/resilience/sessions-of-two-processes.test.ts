import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { print } from 'graphql';
import { decodeJwt } from 'jose';
import { Client } from 'pg';
import {
  CreateUserDocument,
  LoginDocument,
  LogoutDocument,
  RefreshDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, type Tokens } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { ServerProcess } from '../support/processes';
import { describeWithRedis } from '../support/redis';
import { inParallel, isLive, refresh, refreshed, refreshRefused, sessionValue } from '../support/sessions';

/** In seconds; long, because a machine may be slow. */
const GRACE = 300;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describeWithRedis('two processes on one database', (redis) => {
  let database: TestDatabase;
  let psql: Client;
  let a: ServerProcess;
  let b: ServerProcess;
  beforeAll(async () => {
    database = await createTestDatabase();
    psql = new Client({ connectionString: database.url });
    await psql.connect();
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      REFRESH_GRACE: String(GRACE),
      LOGIN_RATE_LIMIT: '5/60',
      TRUST_PROXY: '1',
    };
    [a, b] = await Promise.all([ServerProcess.start(env), ServerProcess.start(env)]);
  });
  afterAll(async () => {
    await Promise.all([a?.kill('SIGTERM'), b?.kill('SIGTERM')]);
    await psql.end();
    await database.drop();
  });

  let people = 0;
  async function person(): Promise<{ id: string; username: string; tokens: Tokens }> {
    const username = `process-person${++people}`;
    const { createUser } = await a.data(CreateUserDocument, { input: { username, password: PASSWORD } });
    const { login } = await b.data(LoginDocument, { input: { username, password: PASSWORD } });
    return { id: createUser!.user.id, username, tokens: login!.tokens as Tokens };
  }
  const rows = async (sql: string, values: unknown[]) => (await psql.query(sql, values)).rows;
  const chainOf = (session: string) =>
    rows('select id, token, parent_id, consumed_at from refresh_tokens where session_id = $1', [session]);
  const sessionStatus = async (user: string) =>
    (
      await rows('select id from sessions where user_id = $1 and revoked_at is null and idle_until > now()', [user])
    ).map(({ id }) => id);

  test.each([2, 3, 20])(
    '%i refreshes of one token at once: one chain, a usable token for every client, one live session',
    async (count) => {
      const { id, tokens } = await person();
      const all = await Promise.all(
        Array.from({ length: count }, (_, i) => refreshed(i % 2 ? a : b, tokens.refreshToken)),
      );
      expect(new Set(all.map(({ refreshToken }) => refreshToken)).size).toBe(1);
      const [first, child, ...more] = (await chainOf(tokens.sessionId)).sort((one) => (one.parent_id ? 1 : -1));
      expect(more).toEqual([]);
      expect(first).toEqual({
        id: decodeJwt(tokens.refreshToken).jti,
        token: sha256(tokens.refreshToken),
        parent_id: null,
        consumed_at: expect.any(Date),
      });
      expect(child).toEqual({
        id: expect.any(String),
        token: sha256(all[0]!.refreshToken),
        parent_id: first.id,
        consumed_at: null,
      });
      expect(await sessionStatus(id)).toEqual([tokens.sessionId]);
      for (const { accessToken } of all)
        expect([await isLive(a, accessToken), await isLive(b, accessToken)]).toEqual([true, true]);
      expect((await refreshed(b, all[0]!.refreshToken)).sessionId).toBe(tokens.sessionId);
    },
  );

  test('ten generations, each refreshed three times at once: a chain without a branch', async () => {
    const { id, tokens } = await person();
    let { refreshToken } = tokens;
    for (let generation = 0; generation < 10; generation++) {
      const token = refreshToken;
      const all = await Promise.all([a, b, a].map((at) => refreshed(at, token)));
      refreshToken = all[generation % 3]!.refreshToken;
    }
    const chain = await chainOf(tokens.sessionId);
    expect(chain).toHaveLength(11);
    expect(new Set(chain.map(({ parent_id }) => parent_id)).size).toBe(11);
    expect(chain.filter(({ consumed_at }) => consumed_at === null)).toHaveLength(1);
    expect(await sessionStatus(id)).toEqual([tokens.sessionId]);
  });

  test('an answer that is lost can be asked for again, at the other process too', async () => {
    const { tokens } = await person();
    await leaveAfterSending(a, tokens.refreshToken);
    await eventually('the successor', async () => (await chainOf(tokens.sessionId)).length === 2);
    const again = await refreshed(b, tokens.refreshToken);
    const [child] = (await chainOf(tokens.sessionId)).filter(({ parent_id }) => parent_id !== null);
    expect(child.token).toBe(sha256(again.refreshToken));
    expect((await refreshed(a, tokens.refreshToken)).refreshToken).toBe(again.refreshToken);
    expect(await isLive(a, again.accessToken)).toBe(true);
    expect((await refreshed(a, again.refreshToken)).sessionId).toBe(tokens.sessionId);
  });

  test('a replay after the grace period ends the session on both, once, and is in the audit log', async () => {
    const { id, tokens } = await person();
    const next = await refreshed(a, tokens.refreshToken);
    for (const at of [a, b]) expect(await isLive(at, next.accessToken)).toBe(true);
    await rows(`update refresh_tokens set consumed_at = consumed_at - $2 * interval '1 second' where session_id = $1`, [
      tokens.sessionId,
      GRACE + 1,
    ]);
    const replays = await Promise.all(
      Array.from({ length: 10 }, (_, i) => refresh(i % 2 ? a : b, tokens.refreshToken)),
    );
    expect(replays).toEqual(Array(10).fill(refreshRefused));
    await eventually('b refuses', async () => !(await isLive(b, next.accessToken)));
    await eventually('a refuses', async () => !(await isLive(a, next.accessToken)));
    for (const at of [a, b]) expect(await refresh(at, next.refreshToken)).toEqual(refreshRefused);
    expect(
      await rows('select action, target_id, detail from audit_events where target_id = $1', [tokens.sessionId]),
    ).toEqual([{ action: 'session.reuse-detected', target_id: tokens.sessionId, detail: { user: id } }]);
    expect(await sessionValue(redis.url, id)).toBeNull();
  });

  test('a logout at the moment of twenty refreshes leaves no valid token on either', async () => {
    await inParallel(8, 2, async () => {
      const { id, tokens } = await person();
      const bodies = await Promise.all([
        ...Array.from({ length: 10 }, (_, i) => refresh(i % 2 ? a : b, tokens.refreshToken)),
        pause(Math.random() * 15).then(() => b.data(LogoutDocument, { input: { token: tokens.refreshToken } })),
        ...Array.from({ length: 10 }, (_, i) =>
          pause(Math.random() * 30).then(() => refresh(i % 2 ? a : b, tokens.refreshToken)),
        ),
      ]);
      expect(await sessionStatus(id)).toEqual([]);
      for (const body of bodies) {
        if (!('data' in body) || !body.data || !('refresh' in body.data)) continue;
        const won = body.data.refresh?.tokens;
        if (!won) expect(body).toEqual(refreshRefused);
        else for (const at of [a, b]) await eventually('refused', async () => !(await isLive(at, won.accessToken)));
      }
      expect(await sessionValue(redis.url, id)).toBeNull();
    });
  });

  test('failures are counted together, whatever their number and at whichever process', async () => {
    const { username } = await person();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const variables = { input: { username, password: `guess ${i}` } };
        const { body } = await (i % 2 ? a : b).gql(LoginDocument, variables, { 'x-forwarded-for': '198.51.100.1' });
        return body.errors?.[0]?.extensions?.code;
      }),
    );
    expect(outcomes.filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(5);
    expect(outcomes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(45);
  });
});

/** Asks for a refresh and is gone before the answer. */
async function leaveAfterSending(server: ServerProcess, refreshToken: string): Promise<void> {
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify({ query: print(RefreshDocument), variables: { input: { refreshToken } } });
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const head = `POST /graphql HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  await new Promise<void>((resolve) => socket.write(head + body, () => resolve()));
  socket.destroy();
}
