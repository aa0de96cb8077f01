import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  LogoutDocument,
  MeDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  SessionsDocument,
} from '../../../src/rest/generated/operations';
import { PASSWORD } from '../../support/app';
import { describeWithRedis } from '../../support/redis';
import { type Member, type RestWorld, startRest, unauthenticated } from '../../support/rest';
import { sessionValue } from '../../support/sessions';
import { foreignCompatToken } from '../../support/tokens';

/** Every login opens a session, also one of the identity contract. */
const HOUR = 3600;
const REFRESHABLE = 10 * HOUR;
const MAX_AGE = 25 * HOUR;
const GRACE = 10;

let world: RestWorld;
let member: Member;
beforeAll(async () => {
  world = await startRest({ env: { SESSION_MAX_AGE: String(MAX_AGE), REFRESH_TOKEN_TTL: String(HOUR) } });
});
afterAll(() => world.close());
beforeEach(async () => {
  member = await world.member();
});

const refresh = (token: string) => world.main.call('POST /auth/refresh', { body: { token } });
const refreshed = async (token: string): Promise<string> => (await refresh(token)).body.result.token;
const statusOf = async (token: string) => (await world.main.call('GET /users/my-info', { token })).status;
const outcomeOf = (token: string) => world.app.outcome(MeDocument, {}, token);
const sessionsOf = async (token: string) => (await world.app.data(SessionsDocument, {}, token)).sessions!.nodes;
const sidOf = (token: string) => decodeJwt(token).sid as string;

describe('the session of a compat token', () => {
  test('is listed under its id, with its channel, and as the current one', async () => {
    const listed = (await sessionsOf(member.token)).find(({ id }) => id === sidOf(member.token));
    expect(listed).toMatchObject({ channel: 'identity', current: true, address: '127.0.0.1' });
  });

  test('ends the token when it is revoked from elsewhere', async () => {
    const other = await world.app.login(member.username);
    await world.app.data(RevokeSessionDocument, { input: { id: sidOf(member.token) } }, other.accessToken);
    expect(await statusOf(member.token)).toBe(401);
    expect((await refresh(member.token)).body).toEqual(unauthenticated);
  });

  test('stays when its own token ends all others', async () => {
    const other = await world.login(member.username);
    await world.app.data(RevokeOtherSessionsDocument, {}, member.token);
    expect([await statusOf(member.token), await statusOf(other)]).toEqual([200, 401]);
  });

  test('is continued by a refresh: the token changes, session and time of login do not', async () => {
    world.app.clock.advance(HOUR / 2);
    const next = await refreshed(member.token);
    expect(sidOf(next)).toBe(sidOf(member.token));
    expect(decodeJwt(next).auth_time).toBe(decodeJwt(member.token).auth_time);
    expect(decodeJwt(next).jti).not.toBe(decodeJwt(member.token).jti);
    expect((await sessionsOf(next)).filter(({ channel }) => channel === 'identity')).toHaveLength(1);
  });

  test('can be refreshed for ten hours a step, and never beyond the maximum age', async () => {
    let { token } = member;
    for (let step = 0; step < 2; step++) {
      world.app.clock.advance(REFRESHABLE - 60);
      token = await refreshed(token);
    }
    world.app.clock.advance(MAX_AGE - 2 * (REFRESHABLE - 60) - 60);
    expect(await statusOf(await refreshed(token))).toBe(200);
    const last = await world.login(member.username);
    world.app.clock.advance(120);
    expect((await refresh(token)).body).toEqual(unauthenticated);
    expect(await statusOf(last)).toBe(200);
  });

  test('is over when it is not refreshed for ten hours', async () => {
    world.app.clock.advance(REFRESHABLE + 1);
    expect((await refresh(member.token)).body).toEqual(unauthenticated);
    expect(
      (await sessionsOf((await world.app.login(member.username)).accessToken)).map(({ channel }) => channel),
    ).toEqual(['graphql']);
  });

  test.each([
    ['the token', async (token: string) => token],
    ['the token after its end', async (token: string) => world.expired(token)],
  ])('ends by a logout with %s', async (_what, make) => {
    const token = await make(member.token);
    await world.app.data(LogoutDocument, { input: { token } });
    expect(await statusOf(member.token)).toBe(401);
    const [row] = await world.app.sql('select revoke_reason from sessions where id = $1', [sidOf(token)]);
    expect(row).toEqual({ revoke_reason: 'logout' });
  });
});

describe('a token that was refreshed before', () => {
  test('is refused, and within the grace nothing else happens', async () => {
    const next = await refreshed(member.token);
    world.app.clock.advance(GRACE - 5);
    expect((await refresh(member.token)).body).toEqual(unauthenticated);
    expect(await statusOf(next)).toBe(200);
  });

  test('ends its session after the grace, with an audit event', async () => {
    const next = await refreshed(member.token);
    world.app.clock.advance(GRACE + 1);
    expect((await refresh(member.token)).body).toEqual(unauthenticated);
    expect(await statusOf(next)).toBe(401);
    expect((await refresh(next)).body).toEqual(unauthenticated);
    const events = await world.app.sql('select action from audit_events where target_id = $1', [sidOf(next)]);
    expect(events).toContainEqual({ action: 'session.reuse-detected' });
  });

  test('of twenty simultaneous refreshes one wins, and the old token is over at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(member.token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    expect(await statusOf(member.token)).toBe(401);
    const { body } = answers.find(({ status }) => status === 200)!;
    expect(await statusOf(body.result.token)).toBe(200);
  });
});

describe('a token of an earlier service', () => {
  let foreign: string;
  beforeEach(async () => {
    foreign = await foreignCompatToken({ subject: member.username, issuedAt: world.app.clock.seconds });
  });

  test('opens a session with its first refresh, as old as the token', async () => {
    expect(await statusOf(foreign)).toBe(200);
    world.app.clock.advance(60);
    const next = await refreshed(foreign);
    expect(await statusOf(foreign)).toBe(401);
    expect((await sessionsOf(next)).find(({ current }) => current)).toMatchObject({
      id: sidOf(next),
      channel: 'identity',
    });
    expect(decodeJwt(next)).toMatchObject({ auth_time: decodeJwt(foreign).iat, token_use: 'compat' });
  });

  test('can be refreshed for ten hours after its issue', async () => {
    const second = await foreignCompatToken({ subject: member.username, issuedAt: world.app.clock.seconds + 30 });
    world.app.clock.advance(REFRESHABLE);
    expect((await refresh(foreign)).body).toEqual(unauthenticated);
    expect((await refresh(second)).status).toBe(200);
  });

  test('gives one session to twenty simultaneous refreshes', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(foreign)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await sessionsOf(member.token)).filter(({ channel }) => channel === 'identity')).toHaveLength(2);
  });

  test('ends that session when it is replayed after the grace', async () => {
    const next = await refreshed(foreign);
    world.app.clock.advance(GRACE + 1);
    expect((await refresh(foreign)).body).toEqual(unauthenticated);
    expect(await statusOf(next)).toBe(401);
  });

  test('stays on the deny list after a logout for as long as it could be refreshed, clean-up included', async () => {
    await world.app.data(LogoutDocument, { input: { token: foreign } });
    world.app.clock.advance(REFRESHABLE - 60);
    await world.app.app.cleanUp.run();
    expect((await refresh(foreign)).body).toEqual(unauthenticated);
    const key = `sha256:${createHash('sha256')
      .update(foreign.slice(0, foreign.lastIndexOf('.')))
      .digest('hex')}`;
    const kept = () => world.app.sql('select key from revoked_tokens where key = $1', [key]);
    expect(await kept()).toHaveLength(1);
    world.app.clock.advance(120);
    await world.app.app.cleanUp.run();
    expect(await kept()).toHaveLength(0);
  });
});

describe('the kinds of access tokens', () => {
  test('are both taken on every channel', async () => {
    const { accessToken } = await world.app.login(member.username);
    for (const token of [member.token, accessToken]) {
      expect(await statusOf(token)).toBe(200);
      expect(await outcomeOf(token)).toBe('ok');
      const profile = await fetch(`${world.app.origin}/api/users/${member.id}/profile`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(profile.status).toBe(200);
    }
  });

  test('are told apart by a claim of their own', async () => {
    const { accessToken } = await world.app.login(member.username);
    expect([decodeJwt(member.token).token_use, decodeJwt(accessToken).token_use]).toEqual(['compat', 'session']);
    for (const token_use of [null, 'session', 'refresh', 7])
      expect(await statusOf(world.like(member.token, { token_use }))).toBe(401);
    expect(await statusOf(world.like(member.token, { sid: null }))).toBe(401);
  });

  test('cannot be refreshed as each other', async () => {
    const { accessToken, refreshToken } = await world.app.login(member.username);
    for (const token of [accessToken, refreshToken]) expect((await refresh(token)).body).toEqual(unauthenticated);
    expect([await statusOf(member.token), await statusOf(accessToken)]).toEqual([200, 200]);
  });

  test('differ in that a session access token changes the own password through changePassword alone', async () => {
    const { accessToken } = await world.app.login(member.username);
    const update = (token: string) =>
      world.main.call('PUT /users/:userId', {
        params: { userId: member.id },
        token,
        body: { password: 'a new secret' },
      });
    expect((await update(accessToken)).status).toBe(400);
    expect(await world.login(member.username, PASSWORD)).toEqual(expect.any(String));
    expect((await update(member.token)).status).toBe(200);
    expect([await statusOf(member.token), await statusOf(accessToken)]).toEqual([200, 401]);
  });
});

test('the strict profile: compat tokens are as RFC 9068 has them', async () => {
  const strict = await startRest({
    env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: 'a long administrator secret' },
  });
  try {
    const username = strict.unique('strict');
    const password = 'a long and rare secret of theirs';
    await strict.main.call('POST /users', { body: { username, password } });
    const token = await strict.login(username, password);
    const claims = decodeJwt(token);
    expect(decodeProtectedHeader(token).typ).toBe('at+jwt');
    expect(claims).toEqual({
      aud: 'edufinai.uth.vn',
      client_id: 'edufinai.uth.vn',
      username,
      scope: '',
      token_use: 'compat',
      sid: expect.any(String),
      auth_time: claims.iat,
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iss: 'edufinai.uth.vn',
      iat: expect.any(Number),
      exp: claims.iat! + HOUR,
      jti: expect.any(String),
    });
    strict.app.clock.advance(HOUR / 2);
    const next = (await strict.main.call('POST /auth/refresh', { body: { token } })).body.result.token;
    expect(decodeJwt(next)).toMatchObject({ auth_time: claims.auth_time, sid: claims.sid, sub: claims.sub });
    expect((await strict.main.call('GET /users/my-info', { token: next })).body.result.id).toBe(claims.sub);
  } finally {
    await strict.close();
  }
});

describeWithRedis('the value that other services read', (redis) => {
  test('counts a session of compat tokens, and is gone with the last of them', async () => {
    const shared = await startRest({ env: { REDIS_URL: redis.url } });
    try {
      const { id, username } = await shared.app.user();
      await shared.app.data(LogoutDocument, { input: { token: (await shared.app.login(username)).accessToken } });
      const token = await shared.login(username);
      expect(JSON.parse((await sessionValue(redis.url, id))!.text)).toMatchObject({ user_id: id });
      await shared.main.call('POST /auth/logout', { body: { token } });
      const own = await shared.app.sql('select 1 from sessions where user_id = $1 and revoked_at is null', [id]);
      expect((await sessionValue(redis.url, id)) === null).toBe(own.length === 0);
    } finally {
      await shared.close();
    }
  });
});
