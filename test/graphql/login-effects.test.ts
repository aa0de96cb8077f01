import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import {
  CreateUserDocument,
  DisableUserDocument,
  LoginDocument,
  LogoutDocument,
  ProfileDocument,
  RefreshDocument,
  RevokeAllSessionsDocument,
  SessionLoginDocument,
  UpdateProfileDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { forbidden } from '../support/graphql-client';
import { describeWithRedis } from '../support/redis';
import { refreshed, sessionValue } from '../support/sessions';

const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** To the second, as a moment between the two. */
function expectBetween(moment: unknown, from: Date, to: Date): void {
  const at = new Date(moment as string).getTime();
  expect(at).toBeGreaterThanOrEqual(from.getTime() - 1000);
  expect(at).toBeLessThanOrEqual(to.getTime() + 1000);
}

/** 900 seconds from some moment since `from`; Redis counts by the machine's clock. */
function expectWholeTtl(ttl: number, from: number): void {
  expect(ttl).toBeGreaterThanOrEqual(899 - Math.ceil((Date.now() - from) / 1000));
  expect(ttl).toBeLessThanOrEqual(900);
}

const later = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000);

describeWithRedis('what a login leaves behind', (redis) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ env: { REDIS_URL: redis.url } });
  });
  afterAll(() => app.close());

  const newUser = async (more: object = {}) => {
    const username = `person${Math.random().toString(36).slice(2, 10)}`;
    const input = { username, password: PASSWORD, email: `${username}@example.org`, ...more };
    const { createUser } = await app.data(CreateUserDocument, { input }, await app.admin());
    return { id: createUser!.user.id, username, email: input.email };
  };

  test('rows in sessions, refresh_tokens (hash and expiry), login_attempts and user_profiles, and last_login_at', async () => {
    const user = await newUser({ firstName: 'Văn A', lastName: 'Nguyễn', phone: '0123456789' });
    expect(await app.sql('select last_login_at from users where id = $1', [user.id])).toEqual([
      { last_login_at: null },
    ]);
    const [from, tokens, to] = [app.clock.now(), await app.login(user.email), app.clock.now()];

    const [session] = await app.sql('select * from sessions where user_id = $1', [user.id]);
    expect(session).toEqual({
      id: tokens.sessionId,
      user_id: user.id,
      channel: 'graphql',
      address: '127.0.0.1',
      user_agent: 'node',
      created_at: expect.any(Date),
      last_seen_at: expect.any(Date),
      idle_until: expect.any(Date),
      expires_at: expect.any(Date),
      revoked_at: null,
      revoke_reason: null,
    });
    expectBetween(session!.created_at, from, to);
    expectBetween(session!.idle_until, later(from, 604_800), later(to, 604_800));
    expectBetween(session!.expires_at, later(from, 2_592_000), later(to, 2_592_000));

    const [row] = await app.sql('select * from refresh_tokens where user_id = $1', [user.id]);
    const { jti, exp } = decodeJwt(tokens.refreshToken);
    expect(row).toEqual({
      id: jti,
      user_id: user.id,
      session_id: tokens.sessionId,
      token: sha256(tokens.refreshToken),
      parent_id: null,
      created_at: expect.any(Date),
      expires_at: new Date(exp! * 1000),
      consumed_at: null,
    });
    expectBetween(row!.expires_at, later(from, 604_800), later(to, 604_800));

    const [account] = await app.sql('select last_login_at from users where id = $1', [user.id]);
    expectBetween(account!.last_login_at, from, to);
    const [attempt] = await app.sql('select * from login_attempts where user_id = $1', [user.id]);
    expect(attempt).toEqual({
      id: expect.any(String),
      at: expect.any(Date),
      identifier: user.email,
      user_id: user.id,
      channel: 'graphql',
      address: '127.0.0.1',
      user_agent: 'node',
      outcome: 'ok',
      count: 1,
    });
    expectBetween(attempt!.at, from, to);
    const [profile] = await app.sql('select * from user_profiles where user_id = $1', [user.id]);
    expect(profile).toEqual({
      user_id: user.id,
      full_name: 'Văn A Nguyễn',
      phone: '0123456789',
      avatar: null,
      created_at: expect.any(Date),
      updated_at: expect.any(Date),
    });
  });

  test('session:{user_id} in Redis: exactly the members of the contract, for 900 seconds', async () => {
    const user = await newUser();
    const begun = Date.now();
    const [from, , to] = [app.clock.now(), await app.login(user.username), app.clock.now()];
    const value = (await sessionValue(redis.url, user.id))!;
    const parsed = JSON.parse(value.text);
    expect(value.text).toBe(
      `{"user_id":"${user.id}","email":"${user.email}","role":"user","is_verified":false,"last_activity":"${parsed.last_activity}"}`,
    );
    expect(parsed.last_activity).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expectBetween(parsed.last_activity, from, to);
    expectWholeTtl(value.ttl, begun);
  });

  test('the role in it is the first by precedence, as in the token', async () => {
    const [second, first] = [await app.role(), await app.role()];
    await app.sql('update roles set precedence = 7 where name = $1', [first]);
    const user = await newUser({ roles: [second, first] });
    const tokens = await app.login(user.username);
    expect(JSON.parse((await sessionValue(redis.url, user.id))!.text).role).toBe(first);
    expect(decodeJwt(tokens.accessToken).role).toBe(first);
  });

  test('a refresh renews the value, its time and the last activity', async () => {
    const user = await newUser();
    const tokens = await app.login(user.username);
    const before = JSON.parse((await sessionValue(redis.url, user.id))!.text).last_activity;
    app.clock.advance(600);
    const begun = Date.now();
    await refreshed(app, tokens.refreshToken);
    const { text, ttl } = (await sessionValue(redis.url, user.id))!;
    expect(Date.parse(JSON.parse(text).last_activity) - Date.parse(before)).toBeGreaterThanOrEqual(600_000);
    expectWholeTtl(ttl, begun);
  });

  test('the value goes with the last session, not with another', async () => {
    const user = await newUser();
    const [one, other] = [await app.login(user.username), await app.login(user.username)];
    await app.data(LogoutDocument, { input: { token: one.accessToken } });
    expect(await sessionValue(redis.url, user.id)).not.toBeNull();
    await app.data(LogoutDocument, { input: { token: other.refreshToken } });
    expect(await sessionValue(redis.url, user.id)).toBeNull();
  });

  test.each([
    [
      'disabling the account',
      async (id: string) => app.data(DisableUserDocument, { input: { id } }, await app.admin()),
    ],
    [
      'deleting the account',
      async (id: string) =>
        app.data('mutation($id: ID!) { deleteUser(input: { id: $id }) { __typename } }', { id }, await app.admin()),
    ],
    [
      'ending all sessions',
      async (id: string) => app.data(RevokeAllSessionsDocument, { input: { userId: id } }, await app.admin()),
    ],
  ])('%s takes the value away', async (_what, end) => {
    const user = await newUser();
    await app.login(user.username);
    await app.login(user.username);
    await end(user.id);
    expect(await sessionValue(redis.url, user.id)).toBeNull();
  });

  test('a failed login leaves an attempt with its reason, and nothing else', async () => {
    const user = await newUser();
    await app.gql(LoginDocument, { input: { username: user.email, password: 'wrong' } }, { 'user-agent': 'Probe/1.0' });
    const [attempt, ...more] = await app.sql('select * from login_attempts where user_id = $1', [user.id]);
    expect(more).toEqual([]);
    expect(attempt).toEqual({
      id: expect.any(String),
      at: expect.any(Date),
      identifier: user.email,
      user_id: user.id,
      channel: 'graphql',
      address: '127.0.0.1',
      user_agent: 'Probe/1.0',
      outcome: 'wrong-password',
      count: 1,
    });
    for (const table of ['sessions', 'refresh_tokens', 'user_profiles'])
      expect(await app.sql(`select 1 from ${table} where user_id = $1`, [user.id])).toEqual([]);
    expect(await app.sql('select last_login_at from users where id = $1', [user.id])).toEqual([
      { last_login_at: null },
    ]);
    expect(await sessionValue(redis.url, user.id)).toBeNull();
  });

  test('an identifier that no database can hold whole is kept as far as it can be', async () => {
    for (const username of ['a\0b', `${'x'.repeat(400)}`, 'half \ud83e'])
      await app.gql(LoginDocument, { input: { username, password: 'wrong' } });
    const rows = await app.sql<{ identifier: string }>(
      `select identifier from login_attempts where outcome = 'unknown-user' order by id`,
    );
    expect(rows.map(({ identifier }) => identifier)).toEqual(['a\ufffdb', 'x'.repeat(254), 'half \ufffd']);
  });

  test('twenty first logins at once make one profile and twenty sessions', async () => {
    const user = await newUser({ firstName: 'Lan' });
    const all = await Promise.all(Array.from({ length: 20 }, () => app.login(user.username)));
    expect(new Set(all.map(({ sessionId }) => sessionId)).size).toBe(20);
    expect(await app.sql('select full_name from user_profiles where user_id = $1', [user.id])).toEqual([
      { full_name: 'Lan' },
    ]);
    expect(await app.sql('select count(*)::int as n from sessions where user_id = $1', [user.id])).toEqual([{ n: 20 }]);
  });

  test('the answer carries the profile, which the next logins leave as its owner has changed it', async () => {
    const user = await newUser({ firstName: 'An', lastName: 'Trần', phone: '0987654321' });
    const logIn = async () =>
      (await app.data(SessionLoginDocument, { input: { username: user.email, password: PASSWORD } })).login!;
    const first = await logIn();
    const token = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(first).toEqual({
      tokens: { accessToken: token, refreshToken: token },
      user: { id: user.id, email: user.email, isVerified: false, isActive: true, roles: [] },
      profile: { userId: user.id, fullName: 'An Trần', phone: '0987654321', avatar: null },
    });
    const input = { fullName: 'Trần Thị An', phone: '', avatar: 'https://example.org/an.png' };
    const changed = { userId: user.id, fullName: 'Trần Thị An', phone: null, avatar: 'https://example.org/an.png' };
    expect(await app.data(UpdateProfileDocument, { input }, first.tokens.accessToken)).toEqual({
      updateProfile: { profile: changed },
    });
    expect((await logIn()).profile).toEqual(changed);
    expect(await app.data(ProfileDocument, {}, first.tokens.accessToken)).toEqual({ profile: changed });
    expect(await app.data(ProfileDocument, { userId: user.id }, await app.admin())).toEqual({ profile: changed });
  });

  test('the profile of another takes READ_USERS to see and UPDATE_USER to change', async () => {
    const [user, stranger] = [await newUser(), await app.user()];
    const [reader, writer] = [
      await app.user({ permissions: ['READ_USERS'] }),
      await app.user({ permissions: ['UPDATE_USER'] }),
    ];
    const read = async (token: string) => (await app.gql(ProfileDocument, { userId: user.id }, token)).body;
    expect(await read(stranger.token)).toEqual(forbidden('profile', 'READ_USERS'));
    const profile = { userId: user.id, fullName: null, phone: null, avatar: null };
    expect(await read(reader.token)).toEqual({ data: { profile } });
    const write = async (token: string) =>
      (await app.gql(UpdateProfileDocument, { input: { userId: user.id, fullName: 'Other' } }, token)).body;
    expect(await write(reader.token)).toEqual(forbidden('updateProfile', 'UPDATE_USER'));
    expect(await write(writer.token)).toEqual({ data: { updateProfile: { profile: null } } });
    expect(await read(reader.token)).toEqual({ data: { profile: { ...profile, fullName: 'Other' } } });
  });

  test.each([
    ['a number that is too short', { phone: '12345' }],
    ['an address that is no web address', { avatar: 'javascript:alert(1)' }],
    ['a name of 300 characters', { fullName: 'x'.repeat(300) }],
  ])('a profile with %s is refused, and stays as it was', async (_what, input) => {
    const user = await app.user();
    expect(await app.outcome(UpdateProfileDocument, { input }, user.token)).toBe('VALIDATION_FAILED');
    expect(await app.data(ProfileDocument, {}, user.token)).toEqual({
      profile: { userId: user.id, fullName: null, phone: null, avatar: null },
    });
  });

  test('a refresh leaves a successor that names its parent, and moves the idle limit, never the absolute one', async () => {
    const user = await newUser();
    const first = await app.login(user.username);
    const of = async () =>
      (await app.sql('select idle_until, expires_at from sessions where id = $1', [first.sessionId]))[0]!;
    const before = await of();
    app.clock.advance(3600);
    const second = (await app.data(RefreshDocument, { input: { refreshToken: first.refreshToken } })).refresh!.tokens;
    const after = await of();
    expect(after.expires_at).toEqual(before.expires_at);
    expect((after.idle_until as Date).getTime() - (before.idle_until as Date).getTime()).toBeGreaterThanOrEqual(
      3_599_000,
    );
    const rows = await app.sql(
      'select id, token, parent_id, consumed_at from refresh_tokens where session_id = $1 order by created_at',
      [first.sessionId],
    );
    const parent = decodeJwt(first.refreshToken).jti;
    expect(rows).toEqual([
      { id: parent, token: sha256(first.refreshToken), parent_id: null, consumed_at: expect.any(Date) },
      { id: UUID, token: sha256(second.refreshToken!), parent_id: parent, consumed_at: null },
    ]);
  });
});
