import {
  MeDocument,
  RevokeAllSessionsDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  SessionsDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';
import { forbidden, refused } from '../support/graphql-client';
import { NOBODY } from '../support/minimal-operation';
import { compatToken } from '../support/tokens';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const isLive = async (token: string) => (await app.outcome(MeDocument, {}, token)) === 'ok';
const unknown = refused('revokeSession', 'SESSION_NOT_FOUND', 'No such session');

test('users see their live sessions, the last used first, and which one is current', async () => {
  const user = await app.user();
  app.clock.advance(10);
  const second = await app.login(user.username);
  const sessions = (await app.data(SessionsDocument, {}, user.token)).sessions!.nodes;
  const described = { channel: 'graphql', address: '127.0.0.1', userAgent: 'node' };
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(sessions).toEqual([
    { ...described, id: second.sessionId, createdAt: time, lastSeenAt: time, expiresAt: time, current: false },
    { ...described, id: user.tokens.sessionId, createdAt: time, lastSeenAt: time, expiresAt: time, current: true },
  ]);
  expect(Date.parse(sessions[0]!.expiresAt) - Date.parse(sessions[0]!.lastSeenAt)).toBeGreaterThan(604_799_000 - 1000);
});

test('ends one of the own sessions, which leaves the list', async () => {
  const user = await app.user();
  const other = await app.login(user.username);
  expect(await app.data(RevokeSessionDocument, { input: { id: other.sessionId } }, user.token)).toEqual({
    revokeSession: { ok: true, id: other.sessionId },
  });
  expect([await isLive(other.accessToken), await isLive(user.token)]).toEqual([false, true]);
  expect((await app.data(SessionsDocument, {}, user.token)).sessions!.nodes.map(({ id }) => id)).toEqual([
    user.tokens.sessionId,
  ]);
  // again: it is over, which is what was wanted
  expect(await app.outcome(RevokeSessionDocument, { input: { id: other.sessionId } }, user.token)).toBe('ok');
});

test('ends all but the one that asks, or all', async () => {
  const user = await app.user();
  const others = [await app.login(user.username), await app.login(user.username)];
  expect(await app.data(RevokeOtherSessionsDocument, {}, user.token)).toEqual({ revokeOtherSessions: { count: 2 } });
  expect(await Promise.all([user.token, ...others.map((t) => t.accessToken)].map(isLive))).toEqual([
    true,
    false,
    false,
  ]);
  const last = await app.login(user.username);
  expect(await app.data(RevokeAllSessionsDocument, {}, user.token)).toEqual({ revokeAllSessions: { count: 2 } });
  expect(await Promise.all([user.token, last.accessToken].map(isLive))).toEqual([false, false]);
});

test('with a compat token of an earlier service, which has no session, all sessions are others', async () => {
  const user = await app.user();
  const token = await compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds });
  expect(await app.data(RevokeOtherSessionsDocument, {}, token)).toEqual({ revokeOtherSessions: { count: 1 } });
  expect([await isLive(user.token), await isLive(token)]).toEqual([false, true]);
});

describe('of another user', () => {
  test('a session of another user looks like one that does not exist', async () => {
    const [user, stranger] = [await app.user(), await app.user()];
    for (const id of [user.tokens.sessionId, NOBODY, 'no id', ''])
      expect((await app.gql(RevokeSessionDocument, { input: { id } }, stranger.token)).body).toEqual(unknown);
    expect(await isLive(user.token)).toBe(true);
  });

  test('READ_SESSIONS shows them, REVOKE_SESSIONS ends them', async () => {
    const user = await app.user();
    const reader = await app.user({ permissions: ['READ_SESSIONS'] });
    const warden = await app.user({ permissions: ['REVOKE_SESSIONS'] });
    const shown = (await app.data(SessionsDocument, { userId: user.id }, reader.token)).sessions!.nodes;
    expect(shown.map(({ id, current }) => ({ id, current }))).toEqual([{ id: user.tokens.sessionId, current: false }]);
    expect((await app.gql(RevokeSessionDocument, { input: { id: user.tokens.sessionId } }, reader.token)).body).toEqual(
      unknown,
    );
    expect(await app.outcome(RevokeSessionDocument, { input: { id: user.tokens.sessionId } }, warden.token)).toBe('ok');
    expect(await isLive(user.token)).toBe(false);
    const again = await app.login(user.username);
    expect(await app.data(RevokeAllSessionsDocument, { input: { userId: user.id } }, warden.token)).toEqual({
      revokeAllSessions: { count: 1 },
    });
    expect(await isLive(again.accessToken)).toBe(false);
  });

  test('those of an account that holds more are out of reach', async () => {
    const warden = await app.user({ permissions: ['REVOKE_SESSIONS'] });
    const more = await app.user({ permissions: ['REVOKE_SESSIONS', 'READ_USERS'] });
    const needs = 'every scope that is concerned, or ROLE_ADMIN';
    expect((await app.gql(RevokeSessionDocument, { input: { id: more.tokens.sessionId } }, warden.token)).body).toEqual(
      forbidden('revokeSession', needs),
    );
    expect((await app.gql(RevokeAllSessionsDocument, { input: { userId: more.id } }, warden.token)).body).toEqual(
      forbidden('revokeAllSessions', needs),
    );
    expect(await isLive(more.token)).toBe(true);
  });

  test('of a user who does not exist, there is nothing to end', async () => {
    const notFound = refused('revokeAllSessions', 'USER_NOT_FOUND', 'No such user');
    for (const userId of [NOBODY, 'no id'])
      expect((await app.gql(RevokeAllSessionsDocument, { input: { userId } }, await app.admin())).body).toEqual(
        notFound,
      );
  });
});
