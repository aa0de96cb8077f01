import { RevokeOtherSessionsDocument, SessionsDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { forbidden } from '../support/graphql-client';
import { isLive, refreshed } from '../support/sessions';

const MAX_AGE = 1_209_600;
const WEEK = 604_800;

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { TRUST_PROXY: '1', SESSION_MAX_AGE: String(MAX_AGE) } });
});
afterAll(() => app.close());

const sessionsOf = async (token: string, userId?: string) =>
  (await app.data(SessionsDocument, { userId }, token)).sessions!.nodes;
/** The moment itself, as far as a busy machine takes time: what is told apart is days apart. */
const near = (actual: number, expected: number) => expect(Math.abs(actual - expected)).toBeLessThan(600_000);
const at = (seconds: number) => new Date(app.clock.now().getTime() + seconds * 1000).getTime();

/** A login through the session contract, from a device somewhere. */
async function loginFrom(
  email: string,
  address: string,
  device: string,
): Promise<{ accessToken: string; refreshToken: string }> {
  const response = await fetch(`${app.origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address, 'user-agent': device },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  return (await response.json()) as { accessToken: string; refreshToken: string };
}

test('each is shown with its channel, address, device, its moments, and which one asks', async () => {
  const user = await app.user({ email: 'devices@example.org' });
  app.clock.advance(60);
  const phone = await loginFrom('devices@example.org', '2001:db8::7', `Phone/7 ${'x'.repeat(600)}`);
  const [first, second, ...more] = await sessionsOf(phone.accessToken);
  expect(more).toEqual([]);
  expect(first).toEqual({
    id: expect.any(String),
    channel: 'session',
    address: '2001:db8::7',
    userAgent: `Phone/7 ${'x'.repeat(600)}`.slice(0, 512),
    createdAt: expect.any(String),
    lastSeenAt: expect.any(String),
    expiresAt: expect.any(String),
    current: true,
  });
  expect(second).toMatchObject({ id: user.tokens.sessionId, channel: 'graphql', current: false });
  near(Date.parse(first!.createdAt), at(0));
  near(Date.parse(first!.expiresAt), at(WEEK));
  expect(Date.parse(first!.createdAt) - Date.parse(second!.createdAt)).toBeGreaterThanOrEqual(60_000);
});

test('a refresh moves what is last seen and the idle limit, up to the absolute one; then it is gone', async () => {
  const user = await app.user();
  let tokens = user.tokens;
  const begun = at(0);
  const only = async () => {
    const [session, ...more] = await sessionsOf(tokens.accessToken);
    expect(more).toEqual([]);
    return { seen: Date.parse(session!.lastSeenAt), ends: Date.parse(session!.expiresAt) };
  };
  for (const day of [0, 5, 10]) {
    if (day > 0) {
      app.clock.advance(5 * 86_400);
      tokens = await refreshed(app, tokens.refreshToken);
    }
    const { seen, ends } = await only();
    near(seen, at(0));
    near(ends, Math.min(at(WEEK), begun + MAX_AGE * 1000));
  }
  app.clock.advance(4 * 86_400 - 100);
  tokens = await refreshed(app, tokens.refreshToken);
  expect(await isLive(app, tokens.accessToken)).toBe(true);
  app.clock.advance(101);
  expect(await isLive(app, tokens.accessToken)).toBe(false);
  expect(await sessionsOf(await app.admin(), user.id)).toEqual([]);
});

test('one that is not used for a week is gone, and another of the same user is not', async () => {
  const user = await app.user();
  app.clock.advance(WEEK - 60);
  const other = await app.login(user.username);
  expect(await sessionsOf(other.accessToken)).toHaveLength(2);
  app.clock.advance(61);
  expect((await sessionsOf(other.accessToken)).map(({ id }) => id)).toEqual([other.sessionId]);
  // what is over by itself is nothing to be ended
  expect(await app.data(RevokeOtherSessionsDocument, {}, other.accessToken)).toEqual({
    revokeOtherSessions: { count: 0 },
  });
});

test('two hundred of one user are listed page by page, the last used first, and end together', async () => {
  const user: TestUser = await app.user();
  const [row] = await app.sql('select * from sessions where id = $1', [user.tokens.sessionId]);
  await app.sql(
    `insert into sessions (user_id, channel, created_at, last_seen_at, idle_until, expires_at)
     select $1, 'graphql', $2, $2::timestamptz - n * interval '1 minute', $3, $4 from generate_series(1, 199) n`,
    [user.id, row!.created_at, row!.idle_until, row!.expires_at],
  );
  const page = async (after?: string | null) =>
    (await app.data(SessionsDocument, { first: 80, after: after ?? null }, user.token)).sessions!;
  const first = await page();
  const second = await page(first.pageInfo.endCursor);
  const third = await page(second.pageInfo.endCursor);
  expect([first, second, third].map(({ nodes, pageInfo }) => [nodes.length, pageInfo.hasNextPage])).toEqual([
    [80, true],
    [80, true],
    [40, false],
  ]);
  const listed = [first, second, third].flatMap(({ nodes }) => nodes);
  expect(new Set(listed.map(({ id }) => id)).size).toBe(200);
  expect(await sessionsOf(user.token)).toHaveLength(100);
  const seen = listed.map(({ lastSeenAt }) => Date.parse(lastSeenAt));
  expect(seen).toEqual([...seen].sort((a, b) => b - a));
  expect(await app.data(RevokeOtherSessionsDocument, {}, user.token)).toEqual({ revokeOtherSessions: { count: 199 } });
  expect((await sessionsOf(user.token)).map(({ id }) => id)).toEqual([user.tokens.sessionId]);
});

test('those of another take READ_SESSIONS, which gives no more than looking', async () => {
  const [user, stranger] = [await app.user(), await app.user()];
  expect((await app.gql(SessionsDocument, { userId: user.id }, stranger.token)).body).toEqual(
    forbidden('sessions', 'READ_SESSIONS'),
  );
  const reader = await app.user({ permissions: ['READ_SESSIONS'] });
  expect((await sessionsOf(reader.token, user.id)).map(({ id }) => id)).toEqual([user.tokens.sessionId]);
  const body = (
    await app.gql(
      'mutation($i: RevokeAllSessionsInput) { revokeAllSessions(input: $i) { count } }',
      { i: { userId: user.id } },
      reader.token,
    )
  ).body;
  expect(body).toEqual(forbidden('revokeAllSessions', 'REVOKE_SESSIONS'));
  expect(await isLive(app, user.token)).toBe(true);
});

test('a page has 0 to 100 sessions and continues after a cursor of its own', async () => {
  const { token } = await app.user();
  for (const first of [-1, 101])
    expect((await app.gql(SessionsDocument, { first }, token)).body.errors?.[0]?.message).toBe(
      `A page holds 0 to 100 sessions, not ${first}`,
    );
  expect((await app.data(SessionsDocument, { first: 0 }, token)).sessions!.nodes).toEqual([]);
  for (const after of ['x', '2026-13-01T00:00:00.000000Z x', 'YXQ6MQ', '9'.repeat(5000)])
    for (const cursor of [after, Buffer.from(after).toString('base64url')])
      expect((await app.gql(SessionsDocument, { after: cursor }, token)).body.errors?.[0]?.message).toBe(
        '"after" is not a cursor of this connection',
      );
});

test('many aliases over many sessions are refused, and what is answered stays below 300 KB', async () => {
  const user = await app.user();
  const [row] = await app.sql('select * from sessions where id = $1', [user.tokens.sessionId]);
  await app.sql(
    `insert into sessions (user_id, channel, user_agent, created_at, last_seen_at, idle_until, expires_at)
     select $1, 'graphql', repeat('x', 120), $2, $2, $3, $4 from generate_series(1, 299)`,
    [user.id, row!.created_at, row!.idle_until, row!.expires_at],
  );
  const fields = 'nodes { id channel address userAgent createdAt lastSeenAt expiresAt current }';
  const ask = (count: number, args = '') =>
    app.gql(
      `{ ${Array.from({ length: count }, (_, i) => `a${i}: sessions${args} { ${fields} }`).join(' ')} }`,
      {},
      user.token,
    );
  for (const [count, args] of [
    [20, ''],
    [20, '(first: 100)'],
    [7, ''],
  ] as const)
    expect((await ask(count, args)).body.errors?.[0]?.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
  for (const [count, args] of [
    [6, ''],
    [20, '(first: 30)'],
  ] as const) {
    const { body } = await ask(count, args);
    expect(body.errors).toBeUndefined();
    expect(JSON.stringify(body).length).toBeLessThan(300_000);
  }
});
