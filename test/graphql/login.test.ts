import { decodeJwt, decodeProtectedHeader } from 'jose';
import { CreateUserDocument, DisableUserDocument, LoginDocument } from '../../src/rest/generated/operations';
import { builtInPermissions } from '../../src/security/scopes';
import { ADMIN, PASSWORD, startApp, type TestApp } from '../support/app';
import { refused } from '../support/graphql-client';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const login = async (username: string, password: string = PASSWORD) =>
  (await app.gql(LoginDocument, { input: { username, password } })).body;
const wrong = refused('login', 'INVALID_CREDENTIALS', 'The user name or the password is wrong');
const JWT = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

describe('the right password', () => {
  test('opens a session: tokens, their lifetimes, the scope, and the user', async () => {
    const team = await app.role(['READ_USERS', 'READ_ROLES']);
    const user = await app.user({ username: 'Alice', email: 'Alice@Example.org', roles: [team] });
    expect(await login('Alice')).toEqual({
      data: {
        login: {
          tokens: {
            accessToken: JWT,
            tokenType: 'Bearer',
            expiresIn: 900,
            refreshToken: JWT,
            refreshExpiresIn: 604800,
            scope: `ROLE_${team} READ_ROLES READ_USERS`,
            sessionId: UUID,
          },
          user: {
            id: user.id,
            username: 'Alice',
            firstName: null,
            lastName: null,
            dob: null,
            email: 'Alice@Example.org',
            phone: null,
            roles: [
              {
                name: team,
                description: null,
                permissions: [
                  { name: 'READ_ROLES', description: builtInPermissions.READ_ROLES },
                  { name: 'READ_USERS', description: builtInPermissions.READ_USERS },
                ],
              },
            ],
          },
        },
      },
    });
  });

  test('the access token carries what RFC 9068 wants, and what the session contract names', async () => {
    const team = await app.role(['READ_USERS']);
    const before = app.clock.seconds;
    const user = await app.user({ email: 'claims@example.org', roles: [team] });
    expect(decodeProtectedHeader(user.token)).toEqual({ alg: 'HS512', typ: 'at+jwt' });
    const claims = decodeJwt(user.token);
    expect(claims).toEqual({
      iss: 'edufinai.uth.vn',
      aud: 'edufinai.uth.vn',
      client_id: 'edufinai.uth.vn',
      token_use: 'session',
      auth_time: claims.iat,
      sub: user.id,
      jti: UUID,
      iat: expect.any(Number),
      exp: claims.iat! + 900,
      sid: user.tokens.sessionId,
      scope: `ROLE_${team} READ_USERS`,
      user_id: user.id,
      username: user.username,
      email: 'claims@example.org',
      role: team,
    });
    expect(claims.iat).toBeGreaterThanOrEqual(before);
    expect(claims.iat).toBeLessThanOrEqual(app.clock.seconds);
    expect(decodeProtectedHeader(user.tokens.refreshToken)).toEqual({ alg: 'HS512', typ: 'rt+jwt' });
  });

  test.each([
    ['the user name in another case', 'cAROL'],
    ['the e-mail address', 'carol@example.org'],
    ['the e-mail address in another case', 'CAROL@Example.ORG'],
  ])('%s will do', async (_what, name) => {
    if ((await app.outcome(LoginDocument, { input: { username: 'Carol', password: PASSWORD } })) !== 'ok')
      await app.user({ username: 'Carol', email: 'carol@example.org' });
    expect((await login(name)).data?.login?.user.username).toBe('Carol');
  });

  test("a user name cannot be another account's address, nor an address another's name, so that a login means one account", async () => {
    const input = { password: PASSWORD };
    await app.user({ username: 'bob@example.org', email: 'other@example.org' });
    expect(
      await app.outcome(CreateUserDocument, { input: { ...input, username: 'Robert', email: 'BOB@example.org' } }),
    ).toBe('EMAIL_TAKEN');
    await app.user({ username: 'Roberta', email: 'roberta@example.org' });
    expect(await app.outcome(CreateUserDocument, { input: { ...input, username: 'ROBERTA@example.org' } })).toBe(
      'USERNAME_TAKEN',
    );
    await app.user({ username: 'own@example.org', email: 'own@example.org' });
    expect((await login('own@example.org')).data?.login?.user.username).toBe('own@example.org');
  });

  test('is the last login, and in the history', async () => {
    const user = await app.user();
    const { loginAttempts, me } = await app.data<{ loginAttempts: unknown; me: { lastLoginAt: string } }>(
      '{ me { lastLoginAt } loginAttempts { nodes { identifier userId channel address userAgent outcome } } }',
      {},
      user.token,
    );
    expect(Date.now() - Date.parse(me.lastLoginAt)).toBeLessThan(60_000);
    const ok = {
      identifier: user.username,
      userId: user.id,
      channel: 'graphql',
      address: '127.0.0.1',
      userAgent: 'node',
      outcome: 'ok',
    };
    expect(loginAttempts).toEqual({ nodes: [ok] });
  });
});

describe('anything else', () => {
  test.each([
    ['a wrong password', ADMIN.username, 'password124'],
    ['the right password in another case', ADMIN.username, 'PASSWORD123'],
    ['the right password and a space', ADMIN.username, 'password123 '],
    ['an empty password', ADMIN.username, ''],
    ['an unknown user', 'nobody', ADMIN.password],
    ['no name', '', ADMIN.password],
    ['a name with a NUL', 'admin\0', ADMIN.password],
    ['a name with half a surrogate', 'admin\ud800', ADMIN.password],
    ['a password with half a surrogate', ADMIN.username, `${ADMIN.password}\ud800`],
    ['a name of 100,000 characters', 'a'.repeat(100_000), ADMIN.password],
    ['a password of 100,000 characters', ADMIN.username, 'a'.repeat(100_000)],
  ])('%s gets one and the same refusal', async (_what, username, password) => {
    expect(await login(username, password)).toEqual(wrong);
  });

  test('a disabled account is named as such for the right password alone', async () => {
    const user = await app.user();
    await app.data(DisableUserDocument, { input: { id: user.id } }, await app.admin());
    expect(await login(user.username)).toEqual(refused('login', 'ACCOUNT_DISABLED', 'This account is disabled'));
    expect(await login(user.username, 'another')).toEqual(wrong);
    const attempts = await app.sql('select outcome from login_attempts where user_id = $1 order by id desc limit 2', [
      user.id,
    ]);
    expect(attempts).toEqual([{ outcome: 'wrong-password' }, { outcome: 'disabled' }]);
  });

  test('is in the history with its reason, and without the password', async () => {
    const user = await app.user();
    await login(user.username, 'Tr0ub4dor-typo');
    await login('nobody-at-all', 'Tr0ub4dor-typo');
    await app.data(DisableUserDocument, { input: { id: user.id } }, await app.admin());
    await app.sql("delete from login_attempts where outcome = 'ok'");
    await login(user.username, PASSWORD);
    const rows = await app.sql('select identifier, user_id, outcome from login_attempts order by id desc limit 3');
    expect(rows).toEqual([
      { identifier: user.username, user_id: user.id, outcome: 'disabled' },
      { identifier: 'nobody-at-all', user_id: null, outcome: 'unknown-user' },
      { identifier: user.username, user_id: user.id, outcome: 'wrong-password' },
    ]);
    for (const table of ['login_attempts', 'audit_events'])
      expect(JSON.stringify(await app.sql(`select * from ${table}`))).not.toContain('Tr0ub4dor');
  });
});

describe('every byte of a password matters', () => {
  test.each([
    ['the 73rd byte', 'x'.repeat(72), `${'x'.repeat(72)}y`],
    ['the 64th emoji', '🦊'.repeat(64), `${'🦊'.repeat(63)}🐻`],
    ['what follows a NUL', 'before\0after', 'before\0later'],
    ['a space at the end', 'passphrase ', 'passphrase'],
    ['a space at the beginning', ' passphrase', 'passphrase'],
  ])('%s', async (_what, password, other) => {
    const username = `bytes${Math.random()}`;
    const { data } = await app
      .gql('mutation($i: CreateUserInput!) { createUser(input: $i) { user { username } } }', {
        i: { username, password },
      })
      .then(({ body }) => body);
    expect(data).toEqual({ createUser: { user: { username } } });
    expect((await login(username, password)).data?.login?.user.username).toBe(username);
    expect(await login(username, other)).toEqual(wrong);
  });

  test('composed and decomposed letters are the same password, and the same name', async () => {
    await app.data('mutation($i: CreateUserInput!) { createUser(input: $i) { user { id } } }', {
      i: { username: 'Ngu\u1ec5n', password: 'm\u1eadt kh\u1ea9u' },
    });
    expect((await login('Ngue\u0302\u0303n', 'ma\u0323\u0302t kha\u0302\u0309u')).data?.login?.user.username).toBe(
      'Ngu\u1ec5n',
    );
  });
});

test('a hash of another service is made anew by the login that proves the password, at no lower cost', async () => {
  const user = await app.user();
  // bcrypt of "imported-password", cost 5, by another implementation: prefix $2a$
  const imported = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'; // of "U*U"
  await app.sql(`update users set password_hash = $1, password_scheme = 'imported' where id = $2`, [imported, user.id]);
  expect(await login(user.username, 'U*V')).toEqual(wrong);
  expect((await login(user.username, 'U*U')).data?.login?.user.id).toBe(user.id);
  const [row] = await app.sql<{ password_hash: string; password_scheme: string }>(
    'select password_hash, password_scheme from users where id = $1',
    [user.id],
  );
  expect(row).toEqual({ password_hash: expect.stringMatching(/^\$2b\$05\$/), password_scheme: 'bcrypt' });
  expect((await login(user.username, 'U*U')).data?.login?.user.id).toBe(user.id);
});
