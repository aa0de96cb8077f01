import { decodeJwt } from 'jose';
import {
  AssignRoleDocument,
  DeleteUserDocument,
  DisableUserDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp, type Tokens } from '../support/app';
import { StillClock } from '../support/clock';
import { refused } from '../support/graphql-client';
import { compatToken } from '../support/tokens';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ clock: new StillClock(), env: { SESSION_MAX_AGE: '1209600' } });
});
afterAll(() => app.close());

const refresh = async (refreshToken: string) => (await app.gql(RefreshDocument, { input: { refreshToken } })).body;
const refreshed = async (refreshToken: string) =>
  (await app.data(RefreshDocument, { input: { refreshToken } })).refresh!.tokens as Tokens;
const isLive = async (token: string) => (await app.outcome(MeDocument, {}, token)) === 'ok';
const over = refused('refresh', 'INVALID_REFRESH_TOKEN', 'The refresh token is not valid any more; log in again');
const days = (n: number) => n * 86_400;

describe('a refresh token', () => {
  test('is exchanged for a new pair of the same session', async () => {
    const { tokens } = await app.user({ permissions: ['READ_ROLES'] });
    app.clock.advance(1);
    const body = await refresh(tokens.refreshToken);
    expect(body).toEqual({
      data: {
        refresh: {
          tokens: {
            accessToken: expect.any(String),
            tokenType: 'Bearer',
            expiresIn: 900,
            refreshToken: expect.any(String),
            refreshExpiresIn: 604800,
            scope: tokens.scope,
            sessionId: tokens.sessionId,
          },
        },
      },
    });
    const next = body.data!.refresh!.tokens;
    expect(next.refreshToken).not.toBe(tokens.refreshToken);
    expect(await isLive(next.accessToken)).toBe(true);
    expect(decodeJwt(next.accessToken)).toMatchObject({
      sid: tokens.sessionId,
      sub: decodeJwt(tokens.accessToken).sub,
    });
  });

  test('brings what was given to the account since', async () => {
    const { id, tokens } = await app.user();
    const team = await app.role(['READ_PERMISSIONS']);
    await app.data(AssignRoleDocument, { input: { userId: id, role: team } }, await app.admin());
    expect(await app.outcome('{ permissions { name } }', {}, tokens.accessToken)).toBe('FORBIDDEN');
    const next = await refreshed(tokens.refreshToken);
    expect(next.scope).toBe(`ROLE_${team} READ_PERMISSIONS`);
    expect(await app.outcome('{ permissions { name } }', {}, next.accessToken)).toBe('ok');
  });

  test('works long after the access token has expired, until a week is over', async () => {
    const { tokens } = await app.user();
    app.clock.advance(days(7) - 60);
    expect(await isLive(tokens.accessToken)).toBe(false);
    const next = await refreshed(tokens.refreshToken);
    app.clock.advance(days(7) + 1);
    expect(await refresh(next.refreshToken)).toEqual(over);
  });

  test('does not carry a session past its absolute end', async () => {
    let { refreshToken, accessToken } = (await app.user()).tokens;
    for (let day = 0; day < 13; day += 6) {
      ({ refreshToken, accessToken } = await refreshed(refreshToken));
      expect(await isLive(accessToken)).toBe(true);
      app.clock.advance(days(6));
    }
    expect(await refresh(refreshToken)).toEqual(over);
  });

  test.each([
    ['accepted before', true],
    ['never used', false],
  ])('an access token ends with its session, although its own time is not over: %s', async (_what, isUsed) => {
    const { tokens } = await app.user();
    app.clock.advance(days(6.999));
    const second = await refreshed(tokens.refreshToken);
    app.clock.advance(days(6.999));
    const last = await refreshed(second.refreshToken);
    expect(decodeJwt(last.accessToken).exp!).toBeGreaterThan(app.clock.seconds + 800);
    if (isUsed) expect(await isLive(last.accessToken)).toBe(true);
    app.clock.advance(300); // past the fourteenth day
    expect(await isLive(last.accessToken)).toBe(false);
  });

  test('an access token that was accepted before ends with its own time', async () => {
    const { token } = await app.user();
    expect(await isLive(token)).toBe(true);
    app.clock.advance(901);
    expect(await isLive(token)).toBe(false);
  });
});

describe('used twice', () => {
  test('within ten seconds it gives the same successor again, for a client that lost the answer', async () => {
    const { tokens } = await app.user();
    const first = await refreshed(tokens.refreshToken);
    app.clock.advance(9);
    const again = await refreshed(tokens.refreshToken);
    expect(again.refreshToken).toBe(first.refreshToken);
    expect(await isLive(again.accessToken)).toBe(true);
    expect((await refreshed(again.refreshToken)).sessionId).toBe(tokens.sessionId);
  });

  test('later it ends the session with all its tokens, and is in the audit log', async () => {
    const { id, tokens } = await app.user();
    const next = await refreshed(tokens.refreshToken);
    app.clock.advance(11);
    expect(await refresh(tokens.refreshToken)).toEqual(over);
    expect(await isLive(tokens.accessToken)).toBe(false);
    expect(await isLive(next.accessToken)).toBe(false);
    expect(await refresh(next.refreshToken)).toEqual(over);
    expect(
      await app.sql(`select action, target_id, detail from audit_events where target_id = $1`, [tokens.sessionId]),
    ).toEqual([{ action: 'session.reuse-detected', target_id: tokens.sessionId, detail: { user: id } }]);
  });

  test('two steps back, within the ten seconds, it gives what it gave and opens no second line', async () => {
    const { tokens } = await app.user();
    const second = await refreshed(tokens.refreshToken);
    const third = await refreshed(second.refreshToken);
    expect((await refreshed(tokens.refreshToken)).refreshToken).toBe(second.refreshToken);
    expect(
      await app.sql('select count(*)::int as n from refresh_tokens where session_id = $1', [tokens.sessionId]),
    ).toEqual([{ n: 3 }]);
    expect((await refreshed(third.refreshToken)).sessionId).toBe(tokens.sessionId);
  });

  test.each([2, 3, 20])('%i times at once: one successor, which every client gets', async (count) => {
    const { tokens } = await app.user();
    const all = await Promise.all(Array.from({ length: count }, () => refreshed(tokens.refreshToken)));
    expect(new Set(all.map((t) => t.refreshToken)).size).toBe(1);
    for (const { accessToken } of all) expect(await isLive(accessToken)).toBe(true);
    expect(
      await app.sql('select count(*)::int as n from refresh_tokens where session_id = $1', [tokens.sessionId]),
    ).toEqual([{ n: 2 }]);
    expect(
      await app.sql('select count(*)::int as n from sessions where id = $1 and revoked_at is null', [tokens.sessionId]),
    ).toEqual([{ n: 1 }]);
  });
});

describe('is refused with one answer', () => {
  const cases: [string, (tokens: Tokens, user: { id: string; username: string }) => Promise<string> | string][] = [
    ['an access token', (tokens) => tokens.accessToken],
    [
      'a compat token',
      ({ scope }, { id, username }) =>
        compatToken({ subject: username, userId: id, scope, issuedAt: app.clock.seconds }),
    ],
    ['garbage', () => 'garbage'],
    ['nothing', () => ''],
    ['100 kB', () => 'x'.repeat(100_000)],
    ['a token whose last character is another', ({ refreshToken }) => otherLastCharacter(refreshToken)],
    ['half a token', ({ refreshToken }) => refreshToken.slice(0, refreshToken.length / 2)],
    ['a token with a NUL', ({ refreshToken }) => `${refreshToken}\0`],
    ['a token with a space', ({ refreshToken }) => ` ${refreshToken}`],
  ];
  test.each(cases)('%s', async (_what, make) => {
    const user = await app.user();
    expect(await refresh(await make(user.tokens, user))).toEqual(over);
    expect(await isLive(user.token)).toBe(true);
  });

  test('a refresh token does not authenticate', async () => {
    const { tokens } = await app.user();
    expect(await isLive(tokens.refreshToken)).toBe(false);
  });

  const ends: [string, (user: { id: string; tokens: Tokens }) => Promise<unknown>][] = [
    ['a logout', ({ tokens }) => app.data(LogoutDocument, { input: { token: tokens.accessToken } })],
    ['the account is disabled', async ({ id }) => app.data(DisableUserDocument, { input: { id } }, await app.admin())],
    ['the account is deleted', async ({ id }) => app.data(DeleteUserDocument, { input: { id } }, await app.admin())],
    [
      'an administrator has set a new password',
      async ({ id }) => app.data(UpdateUserDocument, { input: { id, password: 'another one' } }, await app.admin()),
    ],
  ];
  test.each(ends)('after %s, used or not', async (_what, end) => {
    const user = await app.user();
    const next = await refreshed(user.tokens.refreshToken);
    await end(user);
    expect(await refresh(user.tokens.refreshToken)).toEqual(over);
    expect(await refresh(next.refreshToken)).toEqual(over);
  });

  test.each(ends)('%s at the moment of a refresh leaves no valid token', async (_what, end) => {
    for (let round = 0; round < 8; round++) {
      const user = await app.user();
      const [outcome] = await Promise.all([
        refresh(user.tokens.refreshToken),
        end(user),
        refresh(user.tokens.refreshToken),
      ]);
      const won = outcome.data?.refresh?.tokens;
      expect(await isLive(user.token)).toBe(false);
      if (!won) continue;
      expect(await isLive(won.accessToken)).toBe(false);
      expect(await refresh(won.refreshToken!)).toEqual(over);
    }
  });
});

/**
 * Base64url of 64 bytes ends in a character of which two bits are not used: the bytes stay the
 * same, the text does not.
 */
function otherLastCharacter(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1)!);
  return token.slice(0, -1) + alphabet[(last & 0b110000) | ((last + 1) & 0b001111)];
}
