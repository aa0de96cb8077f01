import { decodeJwt } from 'jose';
import {
  DisableUserDocument,
  IntrospectDocument,
  LogoutDocument,
  RefreshDocument,
  UnassignRoleDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { compatToken, foreignCompatToken } from '../support/tokens';

let app: TestApp;
let user: TestUser;
let team: string;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  team = await app.role(['READ_USERS']);
  user = await app.user({ roles: [team] });
});

const introspect = async (token: string, bearer?: string) =>
  (await app.gql(IntrospectDocument, { input: { token } }, bearer)).body;

const NOTHING = {
  scope: null,
  clientId: null,
  username: null,
  tokenType: null,
  exp: null,
  iat: null,
  nbf: null,
  sub: null,
  aud: null,
  iss: null,
  jti: null,
  sid: null,
};
const answer = (members: object) => ({ data: { introspect: { ...NOTHING, ...members } } });
const inactive = answer({ active: false });

describe('its owner sees everything in', () => {
  test('a session access token', async () => {
    const { iat, exp, jti } = decodeJwt(user.token);
    expect(await introspect(user.token, user.token)).toEqual(
      answer({
        active: true,
        scope: `ROLE_${team} READ_USERS`,
        clientId: 'edufinai.uth.vn',
        username: user.username,
        tokenType: 'Bearer',
        exp,
        iat,
        sub: user.id,
        aud: ['edufinai.uth.vn'],
        iss: 'edufinai.uth.vn',
        jti,
        sid: user.tokens.sessionId,
      }),
    );
  });

  test('a refresh token', async () => {
    const { refreshToken, sessionId } = user.tokens;
    const { iat, exp, jti } = decodeJwt(refreshToken);
    expect(await introspect(refreshToken, user.token)).toEqual(
      answer({ active: true, tokenType: 'refresh_token', exp, iat, sub: user.id, jti, sid: sessionId }),
    );
  });

  test('a compat token of another service', async () => {
    const issuedAt = app.clock.seconds;
    const token = await foreignCompatToken({ subject: user.username, scope: 'READ_USERS', issuedAt });
    const members = {
      scope: 'READ_USERS',
      username: user.username,
      tokenType: 'Bearer',
      sub: user.username,
      iss: 'edufinai.uth.vn',
    };
    expect(await introspect(token, user.token)).toEqual(
      answer({ active: true, ...members, iat: issuedAt, exp: issuedAt + 3600 }),
    );
  });
});

test('the scope is what the token may do now, not what it was issued with', async () => {
  await app.data(UnassignRoleDocument, { input: { userId: user.id, role: team } }, await app.admin());
  expect((await introspect(user.token, user.token)).data?.introspect).toMatchObject({ active: true, scope: '' });
});

describe('others see `active` alone', () => {
  test('without a token, with a bad one, and as another user', async () => {
    const other = await app.user();
    for (const token of [user.token, user.tokens.refreshToken])
      for (const bearer of [undefined, 'garbage', other.token])
        expect(await introspect(token, bearer)).toEqual(answer({ active: true }));
  });

  test('unless they hold INTROSPECT_TOKENS', async () => {
    const inspector = await app.user({ permissions: ['INTROSPECT_TOKENS'] });
    expect(await introspect(user.token, inspector.token)).toEqual(await introspect(user.token, user.token));
    expect(await introspect(user.token, await app.admin())).toEqual(await introspect(user.token, user.token));
  });
});

describe('is inactive, without other members, also for its owner:', () => {
  const gone: [string, () => Promise<string> | string][] = [
    ['garbage', () => 'garbage'],
    ['nothing', () => ''],
    ['a token signed with another key', async () => `${user.token.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`],
    [
      'a token of a user who does not exist',
      () => compatToken({ subject: 'nobody-here', userId: user.id, issuedAt: app.clock.seconds }),
    ],
    [
      'an access token after the logout',
      async () => {
        const { accessToken } = await app.login(user.username);
        await app.data(LogoutDocument, { input: { token: accessToken } });
        return accessToken;
      },
    ],
    [
      'a refresh token that is used up',
      async () => {
        const { refreshToken } = await app.login(user.username);
        await app.data(RefreshDocument, { input: { refreshToken } });
        return refreshToken;
      },
    ],
    [
      'an expired token',
      () =>
        compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds - 3601, lifetime: 3600 }),
    ],
  ];
  test.each(gone)('%s', async (_what, make) => {
    expect(await introspect(await make(), user.token)).toEqual(inactive);
  });

  test('any token of a disabled account', async () => {
    await app.data(DisableUserDocument, { input: { id: user.id } }, await app.admin());
    for (const token of [user.token, user.tokens.refreshToken])
      expect(await introspect(token, await app.admin())).toEqual(inactive);
  });
});

test('in the strict profile callers without the scope learn nothing at all', async () => {
  const strict = await startApp({
    env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: 'a long one that nobody knows' },
  });
  const { accessToken } = await strict.login('admin', 'a long one that nobody knows');
  const asked = async (bearer?: string) =>
    (await strict.data(IntrospectDocument, { input: { token: accessToken } }, bearer)).introspect;
  expect(await asked()).toEqual({ ...NOTHING, active: false });
  expect(await asked(accessToken)).toMatchObject({ active: true, username: 'admin' });
  await strict.close();
});
