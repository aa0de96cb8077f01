import { createHmac, randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  AssignRoleDocument,
  CreateRoleDocument,
  LogoutDocument,
  UnassignRoleDocument,
} from '../../src/rest/generated/operations';
import { eventually, KongWorld, startKongWorld } from '../fakes/kong/kong-world';
import type { TestUser } from '../support/app';

const UNKNOWN = { status: 401, body: { message: 'The key is unknown, expired or its owner is not active' } };

let world: KongWorld;
beforeAll(async () => {
  world = await startKongWorld();
});
afterAll(() => world.close());

const newUser = async () => {
  const user = await world.app.user();
  return { ...user, key: await world.key(user.username) };
};

describe('POST /auth-jwt', () => {
  test.each(['HS256', 'HS384', 'HS512'] as const)(
    'signs with the algorithm of the credential: %s',
    async (algorithm) => {
      const { username, key } = await newUser();
      const { body: credential } = await world.admin('PATCH', `/consumers/${username}/jwt/${key}`, { algorithm });
      const token = await world.token(key);
      expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, typ: 'JWT' });
      const [head, payload, signature] = token.split('.');
      const hash = `sha${algorithm.slice(2)}`;
      expect(createHmac(hash, credential.secret).update(`${head}.${payload}`).digest('base64url')).toBe(signature);
      expect((await world.info(token)).body.username).toBe(username);
    },
  );

  test('carries the scopes that the user has at this moment', async () => {
    const { key, id } = await newUser();
    const scope = async () => decodeJwt(await world.token(key)).scope;
    expect(await scope()).toBe('');
    const admin = await world.app.admin();
    await world.app.data(CreateRoleDocument, { input: { name: 'AUDITOR', permissions: ['READ_USERS'] } }, admin);
    await world.app.data(AssignRoleDocument, { input: { userId: id, role: 'AUDITOR' } }, admin);
    expect(await scope()).toBe('ROLE_AUDITOR READ_USERS');
    await world.app.data(UnassignRoleDocument, { input: { userId: id, role: 'AUDITOR' } }, admin);
    expect(await scope()).toBe('');
  });

  test('uses the secret that Kong has now', async () => {
    const { username, key } = await newUser();
    const before = await world.token(key);
    await world.admin('PATCH', `/consumers/${username}/jwt/${key}`, { secret: 'another secret of this credential' });
    expect(await world.info(before)).toMatchObject({ status: 401, body: { message: 'Invalid signature' } });
    expect((await world.info(await world.token(key))).status).toBe(200);
  });

  test('is 502 for a credential that was changed to one without a signing key', async () => {
    const { username, key } = await newUser();
    await world.admin('PATCH', `/consumers/${username}/jwt/${key}`, { algorithm: 'ES256' });
    expect(await world.authJwt(key)).toMatchObject({
      status: 502,
      body: { message: 'The Kong gateway refused or failed; try again' },
    });
  });

  test.each<[string, unknown]>([
    ['an unknown key', 'pX0c2mB4v7aJw1sQkT9eRdLhUyNfGoZi'],
    ['a UUID', randomUUID()],
    ['an empty key', ''],
    ['a path', '../../consumers'],
    ['a NUL', 'pX0c2mB4v7aJw1sQ\0kT9eRdLhUyNfGoZ'],
    ['a very long key', 'x'.repeat(100_000)],
    ['a lone surrogate', 'pX0c2mB4v7aJw1sQ\ud800'],
  ])('refuses %s, and asks Kong nothing', async (_, key) => {
    const from = world.gateway.calls.length;
    expect(await world.authJwt(key)).toMatchObject(UNKNOWN);
    expect(world.gateway.calls.slice(from)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['without a key', {}],
    ['with a key that is a number', { key: 42 }],
    ['with a key that is null', { key: null }],
    ['that is no JSON', '{'],
    ['that is a list', []],
  ])('a body %s is 400 with a message', async (_, body) => {
    expect(await world.via('POST', '/auth-jwt', { body })).toMatchObject({
      status: 400,
      body: { message: expect.any(String) },
    });
  });

  test('refuses keys of credentials that others made in Kong, of this user too', async () => {
    const { username } = await newUser();
    await world.admin('POST', `/consumers/${username}/jwt`, {
      key: 'made-by-an-operator-of-kong',
      secret: 'known to the owner',
    });
    expect(await world.authJwt('made-by-an-operator-of-kong')).toMatchObject(UNKNOWN);
  });

  test('refuses a key whose credential, or whose consumer, was deleted in Kong', async () => {
    const { username, key } = await newUser();
    await world.admin('DELETE', `/consumers/${username}/jwt/${key}`);
    expect(await world.authJwt(key)).toMatchObject(UNKNOWN);
    const other = await newUser();
    await world.admin('DELETE', `/consumers/${other.username}`);
    expect(await world.authJwt(other.key)).toMatchObject(UNKNOWN);
  });

  test.each([
    ['whose time is over', "expires_at = now() - interval '1 second'"],
    ['that was revoked', 'revoked_at = now()'],
  ])('refuses a key %s, and asks Kong nothing', async (_what, change) => {
    const { key } = await newUser();
    // its deletion in Kong comes an hour later
    await world.app.sql(`begin; update kong_credentials set ${change} where key = '${key}';
      update jobs set due_at = now() + interval '1 hour' where key = 'kong.delete-credential:${key}'; commit`);
    const from = world.gateway.calls.length;
    expect(await world.authJwt(key)).toMatchObject(UNKNOWN);
    expect(world.gateway.calls.slice(from)).toEqual([]);
  });

  test('refuses the key of a sign-in that Kong has not confirmed', async () => {
    const { id, username } = await world.app.user();
    await world.admin('POST', '/consumers', { username });
    await world.admin('POST', `/consumers/${username}/jwt`, { key: 'a-key-that-waits-for-its-answer' });
    await world.app.sql(
      `insert into kong_credentials (key, user_id, consumer, expires_at) values ('a-key-that-waits-for-its-answer', $1, $2, now() + interval '1 minute')`,
      [id, username],
    );
    expect(await world.authJwt('a-key-that-waits-for-its-answer')).toMatchObject(UNKNOWN);
  });

  test('ignores the Authorization header, whatever is in it', async () => {
    const { key, token } = await newUser();
    for (const authorization of ['Bearer not.a.token', `Bearer ${token}`, 'Basic dTpw', 'nonsense'])
      expect((await world.via('POST', '/auth-jwt', { body: { key }, headers: { authorization } })).status).toBe(200);
  });

  test('does not outrun a logout that happens while Kong answers', async () => {
    const { key, token } = await newUser();
    world.gateway.hang();
    const asked = world.direct('POST', '/api/public/auth-jwt', { body: { key } });
    await eventually(
      async () => world.gateway.pending,
      (pending) => pending > 0,
    );
    await world.app.data(LogoutDocument, { input: { token } });
    world.gateway.resume();
    expect(await asked).toMatchObject(UNKNOWN);
  });

  test('gives thirty tokens a minute for one key, and other keys are free', async () => {
    const [one, other] = [await newUser(), await newUser()];
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    const ask = (key: string) => world.direct('POST', '/api/public/auth-jwt', { body: { key }, headers });
    const answers = await Promise.all(Array.from({ length: 31 }, () => ask(one.key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(30).fill(200), 429]);
    const limited = answers.find(({ status }) => status === 429)!;
    expect(limited.body).toEqual({ message: expect.stringMatching(/^Too many attempts; try again in \d+ s$/) });
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(other.key)).status).toBe(200);
  });

  test('lets one client guess 120 times a minute, and no other client pays for it', async () => {
    const guess = (address: string, i: number) =>
      world.via('POST', '/auth-jwt', {
        body: { key: `guess-number-${i}-of-many` },
        headers: { 'x-forwarded-for': address },
      });
    const statuses = (await Promise.all(Array.from({ length: 130 }, (_, i) => guess('203.0.113.9', i)))).map(
      ({ status }) => status,
    );
    // TRUST_PROXY=loopback: the client is the last address in front of 127.0.0.1
    expect(statuses.filter((status) => status === 401)).toHaveLength(120);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    const elsewhere = { body: { key: 'guess-from-elsewhere' }, headers: { 'x-forwarded-for': '203.0.113.10' } };
    expect((await world.direct('POST', '/api/public/auth-jwt', elsewhere)).status).toBe(401);
  });
});

describe('user names', () => {
  /** Through the whole diagram. */
  async function expectOwnName(username: string, consumer = username): Promise<void> {
    const own = await world.app.user({ username });
    const key = await world.key(own.username);
    expect(await world.keysInKong(consumer)).toEqual([key]);
    const token = await world.token(key);
    expect(decodeJwt(token).sub).toBe(own.id);
    expect((await world.info(token)).body).toMatchObject({ username });
  }

  test.each([
    'nguyen.van.a',
    '....',
    'người dùng',
    'a b c d',
    'slash/and%2Fpercent',
    'plus+sign',
    'question?mark#hash',
    'emoji-😀-name',
    'uuid:not-one',
  ])('%s signs in and reaches the resource under that name', (username) => expectOwnName(username));

  test('a UUID is held under another name by Kong, which takes every UUID for an id, and comes back as it is', async () => {
    const uuid = randomUUID();
    await expectOwnName(uuid, `uuid:${uuid}`);
    await expectOwnName(`uuid:${uuid}`, `uuid:uuid:${uuid}`);
    const upper = randomUUID().toUpperCase();
    await expectOwnName(upper, `uuid:${upper}`);
  });

  test('a UUID that is the id of another consumer does not become that consumer', async () => {
    const { username: victim } = await newUser();
    const { body } = await world.admin('GET', `/consumers/${victim}`);
    await expectOwnName(body.id, `uuid:${body.id}`);
  });

  test.each(['.', '..'])(
    '%s, which no URL can address, is 400 with a clear sentence, only for the right password',
    async (username) => {
      const { id } = await world.app.user({ username: `dots${username.length}` });
      await world.app.sql('update users set username = $2 where id = $1', [id, username]);
      const from = world.gateway.calls.length;
      expect(await world.signIn(username)).toMatchObject({
        status: 400,
        body: { message: 'Kong cannot hold this user name; sign in through another channel' },
      });
      expect((await world.signIn(username, 'wrong')).status).toBe(401);
      expect(world.gateway.calls.slice(from)).toEqual([]);
      expect(await world.rows(id)).toEqual([]);
    },
  );

  test('a name in another case signs in as the account is written', async () => {
    const { username, id } = (await world.app.user({ username: 'Mixed.Case' })) as TestUser;
    const { body } = await world.signIn('mixed.CASE');
    expect(await world.keysInKong('Mixed.Case')).toEqual([body.jwt_issuer_key]);
    expect((await world.info(await world.token(body.jwt_issuer_key))).body.username).toBe(username);
    expect(await world.rows(id)).toHaveLength(1);
  });
});
