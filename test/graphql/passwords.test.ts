import { Client } from 'pg';
import {
  ChangePasswordDocument,
  CreateUserDocument,
  LoginDocument,
  MeDocument,
  RefreshDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { forbidden, refused } from '../support/graphql-client';
import { compatToken } from '../support/tokens';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const NEW = 'a new password';
const change = async (token: string, currentPassword = PASSWORD, newPassword = NEW) =>
  (await app.gql(ChangePasswordDocument, { input: { currentPassword, newPassword } }, token)).body;
const done = { data: { changePassword: { ok: true } } };
const isLive = async (token: string) => (await app.outcome(MeDocument, {}, token)) === 'ok';
const canLogIn = async (username: string, password: string) =>
  (await app.outcome(LoginDocument, { input: { username, password } })) === 'ok';

describe('a user who changes the own password', () => {
  test('ends every other session and token of the account', async () => {
    const user = await app.user();
    const other = await app.login(user.username);
    const identity = await compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds });
    expect(await isLive(identity)).toBe(true);
    expect(await change(user.token)).toEqual(done);
    expect([await isLive(user.token), await isLive(other.accessToken), await isLive(identity)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await app.outcome(RefreshDocument, { input: { refreshToken: other.refreshToken } })).toBe(
      'INVALID_REFRESH_TOKEN',
    );
    expect(await app.outcome(RefreshDocument, { input: { refreshToken: user.tokens.refreshToken } })).toBe('ok');
    expect([await canLogIn(user.username, PASSWORD), await canLogIn(user.username, NEW)]).toEqual([false, true]);
  });

  test('with a compat token keeps that token alone', async () => {
    const user = await app.user();
    const of = { subject: user.username, userId: user.id, issuedAt: app.clock.seconds };
    const [asking, other] = [await compatToken(of), await compatToken(of)];
    expect(await change(asking)).toEqual(done);
    expect([await isLive(asking), await isLive(other), await isLive(user.token)]).toEqual([true, false, false]);
    expect(await change(asking, NEW, 'yet another')).toEqual(done);
    expect(await isLive(asking)).toBe(true);
  });

  test('takes the current one, and keeps everything as it was without it', async () => {
    const user = await app.user();
    const other = await app.login(user.username);
    expect(await change(user.token, 'wrong')).toEqual(
      refused('changePassword', 'INVALID_CREDENTIALS', 'The user name or the password is wrong', {
        field: 'currentPassword',
      }),
    );
    expect([
      await isLive(user.token),
      await isLive(other.accessToken),
      await canLogIn(user.username, PASSWORD),
    ]).toEqual([true, true, true]);
  });

  test('takes a new one by the rules', async () => {
    const user = await app.user();
    const message = 'Password must be at least 6 characters';
    expect(await change(user.token, PASSWORD, '12345')).toEqual(
      refused('changePassword', 'PASSWORD_TOO_SHORT', message, {
        min: 6,
        field: 'newPassword',
        problems: [{ field: 'newPassword', message }],
      }),
    );
    expect(await canLogIn(user.username, PASSWORD)).toBe(true);
  });

  test.each([
    ['two sessions', (username: string) => app.login(username)],
    ['one token', () => null],
  ])('twice at once with %s: one of both succeeds, and its password is stored', async (_what, login) => {
    const user = await app.user();
    const second = (await login(user.username)) ?? user.tokens;
    const outcomes = await Promise.all([
      change(user.token, PASSWORD, 'first one'),
      change(second.accessToken, PASSWORD, 'second one'),
    ]);
    const won = outcomes.map(({ errors }) => !errors);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect([await canLogIn(user.username, 'first one'), await canLogIn(user.username, 'second one')]).toEqual(won);
  });

  test('at the moment of a login with the old one refuses that login', async () => {
    const user = await app.user();
    const psql = new Client({ connectionString: app.databaseUrl });
    await psql.connect();
    try {
      await psql.query('begin');
      await psql.query('update users set token_version = token_version + 1 where id = $1', [user.id]);
      const login = app.outcome(LoginDocument, { input: { username: user.username, password: PASSWORD } });
      const isWaiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await eventually('the login, its password verified', async () => (await app.sql(isWaiting)).length > 0);
      await psql.query('commit');
      expect(await login).toBe('INVALID_CREDENTIALS');
    } finally {
      await psql.end();
    }
  });

  test('is in the audit log', async () => {
    const user = await app.user();
    await change(user.token);
    expect(
      await app.sql(
        "select actor_id, actor_name, target_id, detail from audit_events where action = 'password.changed' and target_id = $1",
        [user.id],
      ),
    ).toEqual([{ actor_id: user.id, actor_name: user.username, target_id: user.id, detail: {} }]);
  });
});

describe('a password that an administrator sets', () => {
  const set = async (id: string, token: string) =>
    (await app.gql(UpdateUserDocument, { input: { id, password: NEW } }, token)).body;

  test('takes UPDATE_USER and ends every session and token of the account', async () => {
    const user = await app.user();
    const identity = await compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds });
    const helper = await app.user({ permissions: ['UPDATE_USER'] });
    expect(await set(user.id, (await app.user()).token)).toEqual(forbidden('updateUser', 'UPDATE_USER'));
    expect((await set(user.id, helper.token)).errors).toBeUndefined();
    expect([await isLive(user.token), await isLive(identity)]).toEqual([false, false]);
    expect([await canLogIn(user.username, PASSWORD), await canLogIn(user.username, NEW)]).toEqual([false, true]);
  });

  test('is refused for an account that holds more', async () => {
    const helper = await app.user({ permissions: ['UPDATE_USER'] });
    const more = await app.user({ permissions: ['READ_USERS'] });
    expect(await set(more.id, helper.token)).toEqual(
      forbidden('updateUser', 'every scope that is concerned, or ROLE_ADMIN'),
    );
    expect(await canLogIn(more.username, PASSWORD)).toBe(true);
  });
});

describe('in the strict profile', () => {
  let strict: TestApp;
  const password = 'nobody has ever used this before';
  beforeAll(async () => {
    strict = await startApp({ env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: password } });
  });
  afterAll(() => strict.close());

  test('a password has fifteen characters', async () => {
    const message = 'Password must be at least 15 characters';
    const { body } = await strict.gql(CreateUserDocument, { input: { username: 'short', password: 'fourteen chars' } });
    expect(body).toEqual(
      refused('createUser', 'PASSWORD_TOO_SHORT', message, {
        min: 15,
        field: 'password',
        problems: [{ field: 'password', message }],
      }),
    );
  });

  test.each([
    'passwordpassword',
    'qwertyuiopasdfghjkl',
    'aaaaaaaaaaaaaaaa',
    '1234567890123456',
    'P@ssword P@ssword',
    'christopher-christopher',
    'Password123456789',
  ])('%s is too common, or the account itself', async (common) => {
    const message = 'This password is common or repeats the account; choose another';
    const { body } = await strict.gql(CreateUserDocument, { input: { username: 'christopher', password: common } });
    expect(body).toEqual({
      data: { createUser: null },
      errors: [
        {
          message: 'This password is on the list of common passwords or repeats the account; choose another',
          path: ['createUser'],
          extensions: { code: 'PASSWORD_TOO_COMMON', field: 'password', problems: [{ field: 'password', message }] },
        },
      ],
    });
  });

  test('tokens are signed with a key that is published, and no compat token of the shared key is taken', async () => {
    const { accessToken } = await strict.login('admin', password);
    const { keys } = (await (await fetch(`${strict.origin}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string; alg: string; d?: string }[];
    };
    expect(keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: expect.any(String), kid: expect.any(String) },
    ]);
    expect(JSON.parse(Buffer.from(accessToken.split('.')[0]!, 'base64url').toString())).toEqual({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: keys[0]!.kid,
    });
    const shared = await compatToken({
      subject: 'admin',
      userId: 'x',
      scope: 'ROLE_ADMIN',
      issuedAt: strict.clock.seconds,
    });
    expect(await strict.outcome(MeDocument, {}, shared)).toBe('UNAUTHENTICATED');
  });
});
