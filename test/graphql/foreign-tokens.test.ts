import { decodeJwt, SignJWT } from 'jose';
import {
  ChangePasswordDocument,
  IntrospectDocument,
  MeDocument,
  RefreshDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { compatToken, foreignCompatToken, ISSUER, SHARED_KEY } from '../support/tokens';

/**
 * Tokens of the identity contract that an earlier service issued with the same key: a change of
 * server logs no user out.
 */
let app: TestApp;
let user: TestUser;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.user({ permissions: ['READ_USERS'] });
});

const isLive = async (token: string) => (await app.outcome(MeDocument, {}, token)) === 'ok';
const now = () => app.clock.seconds;

describe('is accepted:', () => {
  const forms: [string, () => Promise<string>][] = [
    ['subject, issuer and times alone', () => foreignCompatToken({ subject: user.username, issuedAt: now() })],
    [
      'a `jti` that this server has not given',
      () => foreignCompatToken({ subject: user.username, issuedAt: now(), claims: { jti: 'abc' } }),
    ],
    ['its name in another case', () => foreignCompatToken({ subject: user.username.toUpperCase(), issuedAt: now() })],
    [
      'unknown members',
      () => foreignCompatToken({ subject: user.username, issuedAt: now(), claims: { custom: { a: [1] } } }),
    ],
    ['our audience', () => foreignCompatToken({ subject: user.username, issuedAt: now(), claims: { aud: ISSUER } })],
    [
      '`typ: JWT`',
      () =>
        new SignJWT({ sub: user.username, iss: ISSUER, iat: now(), exp: now() + 60 })
          .setProtectedHeader({ alg: 'HS512', typ: 'JWT' })
          .sign(SHARED_KEY),
    ],
  ];
  test.each(forms)('%s', async (_what, make) => {
    expect(await isLive(await make())).toBe(true);
  });

  test('one of an account that is older than this service, from its original beginning on', async () => {
    await app.sql("update users set created_at = now() - interval '2 years' where id = $1", [user.id]);
    expect(await isLive(await foreignCompatToken({ subject: user.username, issuedAt: now() - 3000 }))).toBe(true);
  });
});

describe('is refused:', () => {
  const forms: [string, () => Promise<string>][] = [
    ['issued before the account began', () => foreignCompatToken({ subject: user.username, issuedAt: now() - 600 })],
    ['of no account', () => foreignCompatToken({ subject: 'nobody-of-that-name', issuedAt: now() })],
    [
      'for another audience',
      () => foreignCompatToken({ subject: user.username, issuedAt: now(), claims: { aud: 'elsewhere' } }),
    ],
    [
      'that names another account by id',
      () =>
        foreignCompatToken({
          subject: user.username,
          issuedAt: now(),
          claims: { uid: '00000000-0000-4000-8000-000000000000' },
        }),
    ],
    [
      'with a session',
      () => foreignCompatToken({ subject: user.username, issuedAt: now(), claims: { sid: user.tokens.sessionId } }),
    ],
    [
      'of one account with the session of another',
      async () =>
        compatToken({
          subject: (await app.user()).username,
          userId: user.id,
          sessionId: user.tokens.sessionId,
          issuedAt: now(),
        }),
    ],
    ['that has expired', () => foreignCompatToken({ subject: user.username, issuedAt: now() - 61, lifetime: 60 })],
    ['from the future', () => foreignCompatToken({ subject: user.username, issuedAt: now() + 120 })],
    [
      'not valid yet',
      () => foreignCompatToken({ subject: user.username, issuedAt: now(), claims: { nbf: now() + 120 } }),
    ],
    ['with a NUL in its name', () => foreignCompatToken({ subject: `${user.username}\0`, issuedAt: now() })],
    ['with an empty name', () => foreignCompatToken({ subject: '', issuedAt: now() })],
  ];
  test.each(forms)('%s', async (_what, make) => {
    expect(await isLive(await make())).toBe(false);
  });

  test('issued before the last change of the password; one issued after it is accepted', async () => {
    const before = await foreignCompatToken({ subject: user.username, issuedAt: now() });
    await app.data(
      ChangePasswordDocument,
      { input: { currentPassword: PASSWORD, newPassword: 'changed since' } },
      user.token,
    );
    expect(await isLive(before)).toBe(false);
    app.clock.advance(2);
    expect(await isLive(await foreignCompatToken({ subject: user.username, issuedAt: now() }))).toBe(true);
  });

  test("a refresh at this channel: compat tokens are refreshed at their contract's own", async () => {
    const refreshToken = await foreignCompatToken({ subject: user.username, issuedAt: now() });
    expect(await app.outcome(RefreshDocument, { input: { refreshToken } })).toBe('INVALID_REFRESH_TOKEN');
    expect(await isLive(refreshToken)).toBe(true);
  });
});

test('the scope of one without any is empty, and so is what it may do', async () => {
  const { iat, exp } = decodeJwt(await foreignCompatToken({ subject: user.username, issuedAt: now() }));
  for (const scope of [undefined, null, 7, ['READ_USERS'], { READ_USERS: true }]) {
    const token = await foreignCompatToken({
      subject: user.username,
      issuedAt: iat!,
      lifetime: exp! - iat!,
      claims: { scope },
    });
    expect(await app.outcome('{ users { nodes { id } } }', {}, token)).toBe('FORBIDDEN');
    expect((await app.data(IntrospectDocument, { input: { token } }, token)).introspect).toMatchObject({
      active: true,
      scope: '',
    });
  }
});
