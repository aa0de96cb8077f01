import { LoginDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { isLive } from '../support/sessions';

let app: TestApp;
let user: TestUser;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.user();
});

const login = async (previousToken: string | null, password = PASSWORD) =>
  (await app.gql(LoginDocument, { input: { username: user.username, password, previousToken } })).body;

describe('a login that names the token of its previous session', () => {
  const forms: [string, () => string][] = [
    ['the refresh token', () => user.tokens.refreshToken],
    ['the access token', () => user.token],
  ];

  test.each(forms)('ends that session alone: %s', async (_what, token) => {
    const elsewhere = await app.login(user.username);
    const { login: opened } = (await login(token())).data!;
    expect(await isLive(app, user.token)).toBe(false);
    expect(await isLive(app, elsewhere.accessToken)).toBe(true);
    expect(await isLive(app, opened!.tokens.accessToken)).toBe(true);
    const events = await app.sql('select action from audit_events where target_id = $1', [user.tokens.sessionId]);
    expect(events).toEqual([{ action: 'session.logout' }]);
  });

  test('ends it with an access token that has expired as well', async () => {
    app.clock.advance(3600);
    await login(user.token);
    const [row] = await app.sql('select revoke_reason from sessions where id = $1', [user.tokens.sessionId]);
    expect(row).toEqual({ revoke_reason: 'logout' });
  });

  test('leaves it alone when the password is wrong', async () => {
    expect((await login(user.tokens.refreshToken, 'wrong')).errors?.[0]?.extensions?.code).toBe('INVALID_CREDENTIALS');
    expect(await isLive(app, user.token)).toBe(true);
  });

  test.each(['', 'garbage', 'a.b.c'])('succeeds with a previous token that is none: "%s"', async (token) => {
    expect((await login(token)).errors).toBeUndefined();
  });
});

test('without it the other session stays', async () => {
  expect((await login(null)).errors).toBeUndefined();
  expect(await isLive(app, user.token)).toBe(true);
});
