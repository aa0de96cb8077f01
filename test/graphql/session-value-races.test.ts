import { pino } from 'pino';
import { findAccountState } from '../../src/queries/account-state';
import { AssignRoleDocument, UnassignRoleDocument } from '../../src/rest/generated/operations';
import { toAccountState } from '../../src/security/tokens/account-state';
import { TokenIssuer } from '../../src/services/auth/token-issuer';
import { SessionProjection } from '../../src/services/sessions/session-projection';
import { SessionStatusLoader } from '../../src/services/sessions/session-status-loader';
import type { KeyValueStore } from '../../src/stores/key-value-store';
import { RedisStore } from '../../src/stores/redis.store';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { describeWithRedis } from '../support/redis';
import { sessionValue } from '../support/sessions';

/** Another process, which something overtakes between its statement and its write to Redis. */
describeWithRedis('the value session:{user_id} is that of the last change, though a writer was overtaken', (redis) => {
  let app: TestApp;
  let store: RedisStore;
  let projection: SessionProjection;
  let issuer: TokenIssuer;
  let overtake: (() => Promise<unknown>) | undefined;
  beforeAll(async () => {
    app = await startApp({ env: { REDIS_URL: redis.url } });
    const logger = pino({ level: 'silent' });
    store = new RedisStore({ url: redis.url, logger });
    await store.waitForFirstAttempt(60_000);
    const { em } = app.app.database.orm;
    const overtaken: KeyValueStore = {
      get: (key) => store.get(key),
      set: async (...values) => {
        await once();
        await store.set(...values);
      },
      delete: async (key) => {
        await once();
        await store.delete(key);
      },
      isHealthy: () => store.isHealthy(),
      onReconnect: () => () => undefined,
      close: () => store.close(),
    };
    projection = new SessionProjection({ em, store: overtaken, ttl: 900, clock: app.clock, logger });
    const tokens = { issue: async () => ({ token: 'none', expiresIn: 0 }) };
    issuer = new TokenIssuer(tokens as never, projection, new SessionStatusLoader(em));
  });
  afterAll(async () => {
    await store.close();
    await app.close();
  });

  async function once(): Promise<void> {
    const work = overtake;
    overtake = undefined;
    await work?.();
  }

  const assign = async (userId: string, role: string) =>
    app.data(AssignRoleDocument, { input: { userId, role } }, await app.admin());
  const unassign = async (userId: string, role: string) =>
    app.data(UnassignRoleDocument, { input: { userId, role } }, await app.admin());
  const roleOf = async (userId: string) => {
    const value = await sessionValue(redis.url, userId);
    return value && (JSON.parse(value.text) as { role: string }).role;
  };
  const issue = async ({ id, tokens: { sessionId } }: TestUser) => {
    const account = toAccountState((await findAccountState.row(app.app.database.orm.em, { userId: id }))!);
    return issuer.issue('session', { sessionId, openedAt: app.clock.now(), usedAt: app.clock.now(), account });
  };

  test('a login or refresh by a role that was taken away', async () => {
    const user = await app.user({ roles: ['ADMIN'] });
    overtake = () => unassign(user.id, 'ADMIN');
    await issue(user);
    expect([overtake, await roleOf(user.id)]).toEqual([undefined, 'user']);
  });

  test('a change by another change', async () => {
    const user = await app.user();
    await assign(user.id, 'ADMIN');
    overtake = () => unassign(user.id, 'ADMIN');
    await projection.update([user.id]);
    expect([overtake, await roleOf(user.id)]).toEqual([undefined, 'user']);
  });

  test('a change by the end of the session', async () => {
    const user = await app.user();
    overtake = () => app.data('mutation { revokeAllSessions(input: {}) { count } }', {}, user.token);
    await projection.update([user.id]);
    expect([overtake, await roleOf(user.id)]).toEqual([undefined, null]);
  });

  test('the end of a session by a login', async () => {
    const user = await app.user();
    await app.sql('update sessions set revoked_at = now() where user_id = $1', [user.id]);
    overtake = () => app.login(user.username);
    await projection.removeUnlessLive(user.id);
    expect([overtake, await roleOf(user.id)]).toEqual([undefined, 'user']);
  });
});
