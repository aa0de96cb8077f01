import {
  ChangePasswordDocument,
  DeleteUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  LogoutDocument,
  RefreshDocument,
  ResetPasswordDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startFakeKong } from '../fakes/kong/fake-kong';
import { behind, eventually, KongWorld, setUp, startKongWorld } from '../fakes/kong/kong-world';
import { PASSWORD, startApp, type TestUser } from '../support/app';
import { createTestDatabase } from '../support/database';

let world: KongWorld;
beforeAll(async () => {
  world = await startKongWorld();
});
afterAll(() => world.close());

interface SignedIn extends TestUser {
  /** Of a credential in Kong. */
  key: string;
  /** Signed with it. */
  kongToken: string;
}

async function signedIn(of: KongWorld = world): Promise<SignedIn> {
  const user = await of.app.user({ email: `user${++count}@example.org` });
  const key = await of.key(user.username);
  return { ...user, key, kongToken: await of.token(key) };
}
let count = 0;

const compatToken = async ({ username }: TestUser): Promise<string> =>
  (await world.direct('POST', '/identity/auth/token', { body: { username, password: PASSWORD } })).body.result.token;

/** Auth-jwt and Kong refuse at once, and nothing stays, in Kong or here. */
async function expectEnded({ id, username, key, kongToken }: SignedIn, of: KongWorld = world): Promise<void> {
  expect(await of.info(kongToken)).toMatchObject({
    status: 401,
    body: { message: "No credentials found for given 'iss'" },
  });
  expect(await of.authJwt(key)).toMatchObject({
    status: 401,
    body: { message: 'The key is unknown, expired or its owner is not active' },
  });
  // the consumer of a deleted user goes with its keys
  expect((await of.keysInKong(username)) ?? []).toEqual([]);
  await eventually(
    () => of.rows(id),
    (rows) => rows.length === 0,
  );
}

/** What is done past this server is heard of, not waited for. */
async function refusedByKong({ kongToken }: SignedIn, of: KongWorld = world): Promise<void> {
  await eventually(
    () => of.info(kongToken),
    ({ status }) => status === 401,
    8000,
  );
}

async function expectAlive({ key, kongToken, username }: SignedIn): Promise<void> {
  expect((await world.info(kongToken)).body.username).toBe(username);
  expect((await world.authJwt(key)).status).toBe(200);
}

const admin = () => world.app.admin();

const endings: [string, (user: SignedIn) => Promise<unknown>][] = [
  [
    'a logout with the access token of a session',
    async ({ token }) => world.app.data(LogoutDocument, { input: { token } }),
  ],
  [
    'a logout with the refresh token of a session',
    async ({ tokens }) => world.app.data(LogoutDocument, { input: { token: tokens.refreshToken } }),
  ],
  [
    'a logout with a compat token',
    async (user) => world.app.data(LogoutDocument, { input: { token: await compatToken(user) } }),
  ],
  [
    'a logout at the channel of the identity contract, through the gateway',
    async (user) => world.via('POST', '/auth/auth/logout', { body: { token: await compatToken(user) } }),
  ],
  [
    'a logout at the channel of the session contract, through the gateway',
    async ({ tokens }) => world.via('POST', '/api/auth/logout', { body: { refreshToken: tokens.refreshToken } }),
  ],
  ['being disabled', async ({ id }) => world.app.data(DisableUserDocument, { input: { id } }, await admin())],
  ['being deleted', async ({ id }) => world.app.data(DeleteUserDocument, { input: { id } }, await admin())],
  [
    'a change of the password by its owner',
    async ({ token }) =>
      world.app.data(
        ChangePasswordDocument,
        { input: { currentPassword: PASSWORD, newPassword: 'another password' } },
        token,
      ),
  ],
  [
    'a change of the password by an administrator',
    async ({ id }) =>
      world.app.data(UpdateUserDocument, { input: { id, password: 'another password' } }, await admin()),
  ],
];

describe('credentials end', () => {
  test.each(endings)('with %s', async (_, end) => {
    const user = await signedIn();
    const other = await signedIn();
    await expectAlive(user);
    await end(user);
    await expectEnded(user);
    await expectAlive(other);
  });

  test.each([
    ['disables', 'update users set is_active = false where id = $1'],
    ['deletes', 'delete from users where id = $1'],
  ])('with plain SQL that %s', async (_, statement) => {
    const user = await signedIn();
    await world.app.sql(statement, [user.id]);
    await refusedByKong(user);
    await expectEnded(user);
  });

  test('all of a user, not only the last', async () => {
    const user = await signedIn();
    const more = [await world.key(user.username), await world.key(user.username)];
    await world.app.data(LogoutDocument, { input: { token: user.token } });
    await expectEnded(user);
    for (const key of more) expect((await world.authJwt(key)).status).toBe(401);
  });

  test('with a reset of the password', async () => {
    const user = await signedIn();
    const email = await requestReset(user.id);
    const code = await codeFor(email);
    await world.app.data(ResetPasswordDocument, { input: { email, code, newPassword: 'another password' } });
    await expectEnded(user);
  });

  test('with their time: the key first, its tokens never later, and Kong forgets them', async () => {
    const own = await startKongWorld({ env: { KONG_CREDENTIAL_TTL: '1000' } });
    const user = await signedIn(own);
    own.app.clock.advance(500);
    const { body } = await own.authJwt(user.key);
    expect(body.expires_in).toBeLessThanOrEqual(500);
    expect(body.expires_in).toBeGreaterThan(200);
    own.app.clock.advance(501);
    expect((await own.authJwt(user.key)).status).toBe(401);
    expect(await own.info(body.access_token)).toMatchObject({ status: 401 });
    await eventually(
      () => own.keysInKong(user.username),
      (keys) => keys?.length === 0,
    );
    expect(await own.rows(user.id)).toEqual([]);
    await own.close();
  });

  test('not with a login, a refresh, or another user', async () => {
    const user = await signedIn();
    await world.app.login(user.username);
    await world.app.data(RefreshDocument, { input: { refreshToken: user.tokens.refreshToken } });
    await world.app.data(LogoutDocument, { input: { token: (await signedIn()).token } });
    await world.app.data(LogoutDocument, { input: { token: 'garbage' } });
    await expectAlive(user);
  });

  test('and enabling the account again does not bring them back', async () => {
    const user = await signedIn();
    await world.app.data(DisableUserDocument, { input: { id: user.id } }, await admin());
    await world.app.data(EnableUserDocument, { input: { id: user.id } }, await admin());
    await expectEnded(user);
    expect((await world.info(await world.token(await world.key(user.username)))).status).toBe(200);
  });

  test('and a new account of a deleted name inherits no key', async () => {
    const user = await signedIn();
    await world.app.data(DeleteUserDocument, { input: { id: user.id } }, await admin());
    await world.app.user({ username: user.username });
    expect((await world.authJwt(user.key)).status).toBe(401);
    const key = await world.key(user.username);
    await eventually(
      () => world.keysInKong(user.username),
      (keys) => keys?.length === 1,
    );
    expect(await world.keysInKong(user.username)).toEqual([key]);
  });
});

/** @returns the address that the code goes to */
async function requestReset(userId: string): Promise<string> {
  const [row] = await world.app.sql<{ email: string }>('select email from users where id = $1', [userId]);
  const input = { email: row!.email };
  await world.app.gql('mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { ok } }', {
    input,
  });
  return input.email;
}

async function codeFor(email: string): Promise<string> {
  const fs = await import('node:fs/promises');
  const folder = `${world.app.config.dataDir}/mail`;
  return eventually(async () => {
    for (const name of await fs.readdir(folder).catch(() => [])) {
      const text = await fs.readFile(`${folder}/${name}`, 'utf8');
      if (text.includes(email)) return /\b(\d{6})\b/.exec(text)?.[1] ?? '';
    }
    return '';
  }, Boolean);
}

describe('while Kong is away', () => {
  test.each([
    ['stopped', (g: KongWorld['gateway']) => g.stop(), (g: KongWorld['gateway']) => g.start()],
    ['hanging', (g: KongWorld['gateway']) => g.hang(), (g: KongWorld['gateway']) => g.resume()],
    [
      'without its database',
      (g: KongWorld['gateway']) => g.stopDatabase(),
      (g: KongWorld['gateway']) => g.startDatabase(),
    ],
  ])('%s, a logout is answered, and its credentials are deleted when Kong is back', async (_, begin, end) => {
    const user = await signedIn();
    await begin(world.gateway);
    await world.app.data(LogoutDocument, { input: { token: user.token } });
    await world.app.data(DisableUserDocument, { input: { id: user.id } }, await admin());
    expect((await world.direct('POST', '/api/public/auth-jwt', { body: { key: user.key } })).status).toBe(401);
    await eventually(
      () => world.rows(user.id),
      ([row]) => (row?.tries ?? 0) > 0,
    );
    await end(world.gateway);
    world.app.clock.advance(31); // the longest pause between two tries
    await eventually(
      () => world.rows(user.id),
      (rows) => rows.length === 0,
      10_000,
    );
    expect(await world.keysInKong(user.username)).toEqual([]);
    expect((await world.info(user.kongToken)).status).toBe(401);
  });

  test('a process that ends with credentials to delete leaves them to the next', async () => {
    const database = await createTestDatabase();
    const gateway = await startFakeKong();
    const first = new KongWorld(gateway, await startApp({ database, env: behind(gateway) }));
    await setUp(gateway, first.app.origin);
    const user = await signedIn(first);
    await gateway.stop();
    await first.app.data(LogoutDocument, { input: { token: user.token } });
    await eventually(
      () => first.rows(user.id),
      ([row]) => (row?.tries ?? 0) > 0,
    );
    await first.app.close();
    await gateway.start();
    const next = new KongWorld(gateway, await startApp({ database, env: behind(gateway) }));
    await setUp(gateway, next.app.origin);
    await refusedByKong(user, next);
    await expectEnded(user, next);
    await next.close();
    await database.drop();
  });

  test('hanging, it delays no mail', async () => {
    const user = await signedIn();
    world.gateway.hang();
    await world.app.data(LogoutDocument, { input: { token: user.token } });
    await eventually(
      async () => world.gateway.pending,
      (requests) => requests > 0,
    );
    expect(await codeFor(await requestReset(user.id))).toMatch(/^\d{6}$/);
    expect(world.gateway.pending).toBeGreaterThan(0);
    world.gateway.resume();
  });

  test('everything else works: logins of every other kind, and tokens that Kong has', async () => {
    const user = await signedIn();
    await world.gateway.stop();
    expect((await world.app.login(user.username)).accessToken).toEqual(expect.any(String));
    expect((await world.direct('GET', '/health/ready')).status).toBe(200);
    await world.gateway.start();
    await expectAlive(user);
  });
});

test('many credentials that end together go batch by batch, never more than twenty requests at once', async () => {
  const own = await startKongWorld({ env: { KONG_TIMEOUT: '60000' } });
  const user = await signedIn(own);
  const keys = Array.from({ length: 90 }, (_, i) => `many-${i}-0123456789abcdef`);
  for (const key of keys) await own.admin('POST', `/consumers/${user.username}/jwt`, { key });
  own.gateway.hang();
  await own.app.sql(
    `insert into kong_credentials (key, user_id, consumer, kong_id, expires_at, revoked_at)
     select unnest($1::text[]), $2, $3, gen_random_uuid()::text, now(), now()`,
    [keys, user.id, user.username],
  );
  let most = 0;
  const pending = async () => {
    most = Math.max(most, own.gateway.pending);
    return most;
  };
  await eventually(pending, (requests) => requests >= 20);
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 10)).then(pending);
  expect(most).toBe(20);
  own.gateway.resume();
  own.app.clock.advance(31);
  await eventually(
    () => own.rows(user.id),
    (rows) => rows.length === 1,
  );
  expect(await own.keysInKong(user.username)).toEqual([user.key]);
  await own.close();
});
