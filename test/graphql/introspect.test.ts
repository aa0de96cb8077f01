import { decodeJwt, type JWTPayload, SignJWT } from 'jose';
import { TokenRefusal } from '../../src/graphql/token/token-refusal.enum';
import {
  DeleteUserDocument,
  DisableUserDocument,
  IntrospectDocument,
  LogoutDocument,
  RefreshDocument,
  UnassignRoleDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { compatToken, foreignCompatToken, ISSUER, SHARED_KEY } from '../support/tokens';

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
  reason: null,
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
});

describe('callers with INTROSPECT_TOKENS are told why', () => {
  const now = () => app.clock.seconds;
  const signed = (claims: JWTPayload, typ?: string, key: Uint8Array = SHARED_KEY) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS512', ...(typ && { typ }) }).sign(key);
  const compat = (claims: JWTPayload) =>
    compatToken({ subject: user.username, userId: user.id, issuedAt: now(), claims });
  const standard = (changes: JWTPayload, typ = 'at+jwt') => signed({ ...decodeJwt(user.token), ...changes }, typ);
  const exchanged = async () => {
    const { refreshToken } = await app.login(user.username);
    await app.data(RefreshDocument, { input: { refreshToken } });
    return refreshToken;
  };
  const loggedOut = async (kind: 'accessToken' | 'refreshToken') => {
    const tokens = await app.login(user.username);
    await app.data(LogoutDocument, { input: { token: tokens.accessToken } });
    return tokens[kind];
  };
  const denied = async () => {
    const token = await compat({});
    await app.data(LogoutDocument, { input: { token } });
    return token;
  };
  const deleted = async (choose: (gone: TestUser) => string) => {
    const gone = await app.user();
    await app.data(DeleteUserDocument, { input: { id: gone.id } }, await app.admin());
    return choose(gone);
  };
  const disabled = async (choose: (gone: TestUser) => string) => {
    await app.data(DisableUserDocument, { input: { id: user.id } }, await app.admin());
    return choose(user);
  };

  const refused: [string, string, () => Promise<string> | string][] = [
    ['MALFORMED', 'garbage', () => 'garbage'],
    ['MALFORMED', 'nothing', () => ''],
    ['MALFORMED', 'a token without a subject', () => signed({ iss: ISSUER, iat: now(), exp: now() + 60 })],
    ['MALFORMED', 'a time that is text', () => signed({ sub: 'a', iss: ISSUER, iat: 'now' as never, exp: 1 })],
    ['MALFORMED', 'a token longer than any', () => `${user.token}${'A'.repeat(16_384)}`],
    ['WRONG_SIGNATURE', 'another key', () => signed({ sub: 'a', iss: ISSUER }, undefined, Buffer.alloc(64, 1))],
    ['WRONG_SIGNATURE', 'another payload', () => user.token.replace(/\.[^.]+\./, '.e30.')],
    ['WRONG_ISSUER', 'another issuer', () => compat({ iss: 'elsewhere.example.org' })],
    ['WRONG_AUDIENCE', 'another audience', () => standard({ aud: 'another-service' })],
    ['WRONG_KIND', 'a session token without `typ: at+jwt`', () => standard({}, 'JWT')],
    ['NOT_YET_VALID', 'a beginning in an hour', () => standard({ nbf: now() + 3600 })],
    ['EXPIRED', 'an access token after its end', () => standard({ exp: now() - 1 })],
    ['USED', 'a refresh token that has been exchanged', exchanged],
    ['REVOKED', 'a token of an earlier service after its logout', denied],
    ['REVOKED', 'one that is older than its account', () => compat({ iat: now() - 60 })],
    ['SESSION_ENDED', 'an access token after its logout', () => loggedOut('accessToken')],
    ['SESSION_ENDED', 'a refresh token after its logout', () => loggedOut('refreshToken')],
    ['UNKNOWN_ACCOUNT', 'a user name that does not exist', () => compat({ sub: 'does-not-exist' })],
    ['UNKNOWN_ACCOUNT', 'a subject that is not the account', () => standard({ sub: 'does-not-exist' })],
    ['UNKNOWN_ACCOUNT', 'an access token of a deleted user', () => deleted(({ token }) => token)],
    ['UNKNOWN_ACCOUNT', 'a refresh token of a deleted user', () => deleted(({ tokens }) => tokens.refreshToken)],
    ['ACCOUNT_DISABLED', 'an access token of a disabled user', () => disabled(({ token }) => token)],
    ['ACCOUNT_DISABLED', 'a refresh token of a disabled user', () => disabled(({ tokens }) => tokens.refreshToken)],
  ];
  test.each(refused)('%s: %s', async (reason, _what, make) => {
    const inspector = await app.user({ permissions: ['INTROSPECT_TOKENS'] });
    const token = await make();
    expect(await introspect(token, inspector.token)).toEqual(answer({ active: false, reason }));
    const other = await app.user();
    expect(await introspect(token, other.token)).toEqual(inactive);
  });

  test('EXPIRED: a refresh token after its end', async () => {
    const later = await startApp();
    const { tokens } = await later.user();
    later.clock.advance(8 * 86_400);
    const { introspect: found } = await later.data(
      IntrospectDocument,
      { input: { token: tokens.refreshToken } },
      await later.admin(),
    );
    expect(found).toMatchObject({ active: false, reason: 'EXPIRED' });
    await later.close();
  });

  test('every reason of the schema', () => {
    expect(Object.keys(TokenRefusal).sort()).toEqual([...new Set(refused.map(([reason]) => reason))].sort());
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
