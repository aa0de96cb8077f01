import {
  ChangePasswordDocument,
  DeleteUserDocument,
  IntrospectDocument,
  LogoutDocument,
  MeDocument,
  RevokeOtherSessionsDocument,
  SessionsDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';
import { describeWithPrivateRedis, type PrivateRedis, startPrivateRedis } from '../support/redis';
import { isLive, refresh, refreshed, refreshRefused, sessionValue, untilWhole } from '../support/sessions';

describeWithPrivateRedis('sessions without their store', () => {
  let redis: PrivateRedis;
  let app: TestApp;
  beforeAll(async () => {
    redis = await startPrivateRedis();
    app = await startApp({ env: { REDIS_URL: redis.url } });
  });
  beforeEach(() => untilWhole(app));
  afterAll(async () => {
    await app.close();
    await redis.stop();
  });

  const readiness = async () => (await fetch(`${app.origin}/health/ready`)).json();
  const value = async (userId: string) => {
    const found = await sessionValue(redis.url, userId);
    return found && { ...JSON.parse(found.text), ttl: found.ttl };
  };

  async function everything(user: TestUser): Promise<void> {
    const one = await app.login(user.username);
    const two = await app.login(user.username);
    const next = await refreshed(app, one.refreshToken);
    expect(await app.outcome(MeDocument, {}, next.accessToken)).toBe('ok');
    const { sessions } = await app.data(SessionsDocument, {}, next.accessToken);
    expect(sessions!.nodes.length).toBeGreaterThanOrEqual(3);
    const { introspect } = await app.data(IntrospectDocument, { input: { token: two.accessToken } });
    expect(introspect!.active).toBe(true);
    await app.data(LogoutDocument, { input: { token: two.refreshToken } });
    expect(await isLive(app, two.accessToken)).toBe(false);
    expect(await refresh(app, two.refreshToken)).toEqual(refreshRefused);
    await app.data(RevokeOtherSessionsDocument, {}, next.accessToken);
    expect(await isLive(app, user.token)).toBe(false);
    const input = { currentPassword: PASSWORD, newPassword: PASSWORD };
    await app.data(ChangePasswordDocument, { input }, next.accessToken);
    expect(await isLive(app, next.accessToken)).toBe(true);
  }

  test('that is stopped: everything works, and readiness names what is missing', async () => {
    const user = await app.user();
    await redis.stop();
    try {
      await everything(user);
      expect(await readiness()).toEqual({
        status: 'degraded',
        dependencies: { database: 'up', redis: 'down', 'change-feed': 'up' },
      });
    } finally {
      await redis.start();
    }
  });

  test('that is frozen: everything works', async () => {
    const user = await app.user();
    redis.pause();
    try {
      await everything(user);
    } finally {
      redis.resume();
    }
  });

  test('that comes back empty: the values of sessions in use are written again, for the rest of their time; others are not', async () => {
    const [before, during, idle, ended] = [await app.user(), await app.user(), await app.user(), await app.user()];
    app.clock.advance(901);
    const begun = Date.now();
    const tokens = await refreshed(app, before.tokens.refreshToken);
    app.clock.advance(300);
    await redis.stop();
    const late = await app.login(during.username);
    await app.data(LogoutDocument, { input: { token: ended.tokens.refreshToken } });
    await redis.start();
    await eventually('the values', async () => (await value(before.id)) !== null && (await value(during.id)) !== null);
    expect(await value(before.id)).toMatchObject({ user_id: before.id, role: 'user', is_verified: false });
    const { ttl } = (await value(before.id))!;
    expect(ttl).toBeLessThanOrEqual(600);
    const { ttl: ttlDuring } = (await value(during.id))!;
    const passed = Math.ceil((Date.now() - begun) / 1000) + 1;
    expect(ttl).toBeGreaterThanOrEqual(600 - passed);
    expect(ttlDuring).toBeGreaterThanOrEqual(900 - passed);
    expect([await value(idle.id), await value(ended.id)]).toEqual([null, null]);
    for (const token of [tokens.accessToken, late.accessToken]) expect(await isLive(app, token)).toBe(true);
  });

  test('that was frozen: what ended meanwhile has no value afterwards, although Redis had kept it', async () => {
    const [loggedOut, deleted, kept] = [await app.user(), await app.user(), await app.user()];
    for (const { id } of [loggedOut, deleted, kept]) expect(await value(id)).not.toBeNull();
    redis.pause();
    try {
      await app.data(LogoutDocument, { input: { token: loggedOut.tokens.refreshToken } });
      await app.data(DeleteUserDocument, { input: { id: deleted.id } }, await app.admin());
    } finally {
      redis.resume();
    }
    await eventually(
      'the values to go',
      async () => (await value(loggedOut.id)) === null && (await value(deleted.id)) === null,
    );
    expect(await value(kept.id)).not.toBeNull();
  });

  test('that is flushed: valid tokens stay valid, revoked ones stay revoked, and the next refresh writes the value', async () => {
    const [user, gone] = [await app.user(), await app.user()];
    await app.data(LogoutDocument, { input: { token: gone.tokens.refreshToken } });
    await redis.flush();
    expect([await isLive(app, user.token), await isLive(app, gone.token)]).toEqual([true, false]);
    expect(await value(user.id)).toBeNull();
    await refreshed(app, user.tokens.refreshToken);
    expect(await value(user.id)).toMatchObject({ user_id: user.id });
    expect(await refresh(app, gone.tokens.refreshToken)).toEqual(refreshRefused);
  });

  test('a server starts without it, and uses it when it comes', async () => {
    const late = await startPrivateRedis();
    await late.stop();
    const early = await startApp({ env: { REDIS_URL: late.url } });
    const user = await early.user();
    expect(await isLive(early, user.token)).toBe(true);
    await late.start();
    await eventually('the value', async () => (await sessionValue(late.url, user.id)) !== null);
    await early.close();
    await late.stop();
  });
});
