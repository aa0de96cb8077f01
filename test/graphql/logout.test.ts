import { LogoutDocument, MeDocument, RefreshDocument } from '../../src/rest/generated/operations';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { compatToken, foreignCompatToken } from '../support/tokens';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const logout = async (token: string, bearer?: string) =>
  (await app.gql(LogoutDocument, { input: { token } }, bearer)).body;
const isLive = async (token: string) => (await app.outcome(MeDocument, {}, token)) === 'ok';
const canRefresh = async (refreshToken: string) =>
  (await app.outcome(RefreshDocument, { input: { refreshToken } })) === 'ok';
const done = { data: { logout: { ok: true } } };

describe('the session ends, with both of its tokens, by', () => {
  const tokens: [string, (user: TestUser) => string][] = [
    ['its access token', ({ tokens: { accessToken } }) => accessToken],
    ['its refresh token', ({ tokens: { refreshToken } }) => refreshToken],
  ];
  test.each(tokens)('%s', async (_what, choose) => {
    const user = await app.user();
    expect(await isLive(user.token)).toBe(true);
    expect(await logout(choose(user))).toEqual(done);
    expect(await isLive(user.token)).toBe(false);
    expect(await canRefresh(user.tokens.refreshToken)).toBe(false);
  });

  test('an access token that has expired, or a refresh token that is used up', async () => {
    const [one, other] = [await app.user(), await app.user()];
    await app.data(RefreshDocument, { input: { refreshToken: other.tokens.refreshToken } });
    app.clock.advance(901);
    expect(await logout(one.token)).toEqual(done);
    expect(await canRefresh(one.tokens.refreshToken)).toBe(false);
    expect(await logout(other.tokens.refreshToken)).toEqual(done);
    expect(await app.sql('select revoke_reason from sessions where id = $1', [other.tokens.sessionId])).toEqual([
      { revoke_reason: 'logout' },
    ]);
  });
});

test('the other sessions of the user go on', async () => {
  const user = await app.user();
  const elsewhere = await app.login(user.username);
  await logout(user.token);
  expect([await isLive(user.token), await isLive(elsewhere.accessToken)]).toEqual([false, true]);
});

describe('a compat token', () => {
  test('ends alone: another one and the sessions of the user stay valid', async () => {
    const user = await app.user();
    const of = { subject: user.username, userId: user.id, issuedAt: app.clock.seconds };
    const [one, other] = [await compatToken(of), await compatToken(of)];
    expect([await isLive(one), await isLive(other)]).toEqual([true, true]);
    expect(await logout(one)).toEqual(done);
    expect([await isLive(one), await isLive(other), await isLive(user.token)]).toEqual([false, true, true]);
  });

  test('of another service, which has no id, ends whatever is done to the unused bits of its signature', async () => {
    const user = await app.user();
    const token = await foreignCompatToken({ subject: user.username, issuedAt: app.clock.seconds });
    const twins = twinsOf(token);
    expect(twins).toHaveLength(15);
    expect(await isLive(token)).toBe(true);
    expect(await logout(twins[0]!)).toEqual(done);
    for (const twin of [token, ...twins]) expect(await isLive(twin)).toBe(false);
  });
});

test('succeeds twice, and for what is not a token of this server', async () => {
  const user = await app.user();
  const stranger = await foreignCompatToken({ subject: 'nobody-here', issuedAt: app.clock.seconds });
  const answers = [];
  for (const token of [user.token, user.token, stranger, 'garbage', '', 'a.b.c', '\0', '\ud800', 'x'.repeat(100_000)])
    answers.push(await logout(token));
  expect(answers).toEqual(Array(9).fill(done));
});

test('a revoked token in the Authorization header does not prevent it', async () => {
  const user = await app.user();
  await logout(user.token);
  const again = await app.login(user.username);
  expect(await logout(again.accessToken, user.token)).toEqual(done);
  expect(await isLive(again.accessToken)).toBe(false);
});

/**
 * The same token bytes in other texts: the last character of 64 bytes in base64url has four bits
 * that mean nothing.
 */
function twinsOf(token: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1)!);
  const high = last & 0b110000;
  return Array.from({ length: 16 }, (_, low) => token.slice(0, -1) + alphabet[high | low]).filter(
    (twin) => twin !== token,
  );
}
