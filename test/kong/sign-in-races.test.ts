import { Client } from 'pg';
import { ChangePasswordDocument, DisableUserDocument, LogoutDocument } from '../../src/rest/generated/operations';
import { startFakeKong } from '../fakes/kong/fake-kong';
import { behind, eventually, KongWorld, send, setUp, startKongWorld } from '../fakes/kong/kong-world';
import { startApp, type TestUser } from '../support/app';
import { createTestDatabase } from '../support/database';

const CAP = 5;

let world: KongWorld;
beforeAll(async () => {
  world = await startKongWorld();
});
afterAll(() => world.close());

const keysHere = async ({ id }: TestUser) => (await world.rows(id)).map(({ key }) => key).sort();

/** Kong holds what is known here, within the cap, and it is honoured. */
async function expectSettled(user: TestUser, answered: string[]): Promise<void> {
  const here = await world.rows(user.id);
  const kept = here.map(({ key }) => key).sort();
  expect(kept.length).toBeLessThanOrEqual(CAP);
  expect(here.every(({ kong_id, revoked_at }) => kong_id !== null && revoked_at === null)).toBe(true);
  expect(await world.keysInKong(user.username)).toEqual(kept);
  expect(answered).toEqual(expect.arrayContaining(kept));
  for (const key of kept) expect((await world.info(await world.token(key))).body.username).toBe(user.username);
  for (const key of answered.filter((one) => !kept.includes(one)).slice(0, 3))
    expect((await world.authJwt(key)).status).toBe(401);
}

describe('simultaneous first sign-ins of one user', () => {
  test('twenty get twenty answers, one consumer, and no more credentials than the cap, here and in Kong', async () => {
    const user = await world.app.user();
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.signIn(user.username)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const keys = answers.map(({ body }) => body.jwt_issuer_key as string);
    expect(new Set(keys).size).toBe(20);
    const { body } = await world.admin('GET', '/consumers?size=1000');
    expect(body.data.filter(({ username }: { username: string }) => username === user.username)).toHaveLength(1);
    await expectSettled(user, keys);
    expect(await keysHere(user)).toHaveLength(CAP);
  });

  test('through two servers on one database too', async () => {
    const database = await createTestDatabase();
    const gateway = await startFakeKong();
    const [one, other] = await Promise.all([0, 1].map(() => startApp({ database, env: behind(gateway) })));
    await setUp(gateway, one!.origin);
    const twin = new KongWorld(gateway, one!);
    const user = await one!.user();
    const sending = { body: { username: user.username, password: user.password } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => send(`${(i % 2 ? one : other)!.origin}/api/public/signin`, 'POST', sending)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const kept = (await twin.rows(user.id)).map(({ key }) => key).sort();
    expect(kept).toHaveLength(CAP);
    expect(await twin.keysInKong(user.username)).toEqual(kept);
    await Promise.all([one!.close(), other!.close()]);
    await gateway.stop();
    await database.drop();
  });

  test('of five users at once none gets the key of another', async () => {
    const users: TestUser[] = [];
    for (let i = 0; i < 5; i += 1) users.push(await world.app.user());
    const keys = await Promise.all(users.map(({ username }) => world.key(username)));
    const names = await Promise.all(keys.map(async (key) => (await world.info(await world.token(key))).body.username));
    expect(names).toEqual(users.map(({ username }) => username));
  });
});

describe('the cap', () => {
  test('the oldest credentials go, at once here and in Kong, and their tokens with them', async () => {
    const user = await world.app.user();
    const keys = [await world.key(user.username)];
    const token = await world.token(keys[0]!);
    for (let i = 1; i < CAP; i += 1) keys.push(await world.key(user.username));
    expect((await world.info(token)).status).toBe(200);
    keys.push(await world.key(user.username), await world.key(user.username));
    expect(await world.keysInKong(user.username)).toEqual(keys.slice(2).sort());
    expect(await keysHere(user)).toEqual(keys.slice(2).sort());
    expect(await world.info(token)).toMatchObject({
      status: 401,
      body: { message: "No credentials found for given 'iss'" },
    });
    expect((await world.authJwt(keys[1])).status).toBe(401);
    expect((await world.authJwt(keys[2])).status).toBe(200);
  });

  test('is configuration: KONG_MAX_CREDENTIALS=1 leaves the last', async () => {
    const own = await startKongWorld({ env: { KONG_MAX_CREDENTIALS: '1' } });
    await own.key();
    const last = await own.key();
    expect(await own.keysInKong('admin')).toEqual([last]);
    await own.close();
  });

  test('a sign-in that fails costs none of the older credentials', async () => {
    const user = await world.app.user();
    const keys: string[] = [];
    for (let i = 0; i < CAP; i += 1) keys.push(await world.key(user.username));
    world.gateway.passNext();
    world.gateway.failNext(4, 500);
    expect((await world.signIn(user.username)).status).toBe(502);
    world.gateway.clearFaults();
    for (const key of keys) expect((await world.authJwt(key)).status).toBe(200);
  });
});

describe('a sign-in under way', () => {
  /** Signs in; Kong answers when `meanwhile` is done. */
  async function signInWhile(username: string, meanwhile: () => Promise<unknown>) {
    world.gateway.hang();
    const signingIn = world.signIn(username);
    await eventually(
      async () => world.gateway.pending,
      (pending) => pending > 0,
    );
    await meanwhile();
    world.gateway.resume();
    return signingIn;
  }

  test('of an account that is disabled meanwhile is 401, and leaves nothing in Kong', async () => {
    const user = await world.app.user();
    const token = await world.app.admin();
    const { status, body } = await signInWhile(user.username, () =>
      world.app.data(DisableUserDocument, { input: { id: user.id } }, token),
    );
    expect({ status, body }).toEqual({ status: 401, body: { message: 'Invalid credentials' } });
    await eventually(
      () => world.keysInKong(user.username),
      (keys) => keys?.length === 0,
    );
    await eventually(
      () => world.rows(user.id),
      (rows) => rows.length === 0,
    );
  });

  test('of an account whose password is changed meanwhile is 401, and leaves nothing in Kong', async () => {
    const user = await world.app.user();
    const input = { currentPassword: user.password, newPassword: 'another password' };
    const answer = await signInWhile(user.username, () =>
      world.app.data(ChangePasswordDocument, { input }, user.token),
    );
    expect(answer.status).toBe(401);
    await eventually(
      () => world.keysInKong(user.username),
      (keys) => keys?.length === 0,
    );
  });

  test('is ended by a logout when its credential is being made', async () => {
    const user = await world.app.user();
    await world.key(user.username);
    const unlock = await lock(user);
    const signingIn = world.signIn(user.username);
    await eventually(
      () => world.keysInKong(user.username),
      (keys) => keys?.length === 2,
    );
    // a logout locks the session and the credentials, not the account
    await world.app.data(LogoutDocument, { input: { token: user.tokens.refreshToken } });
    await unlock();
    const { status, body } = await signingIn;
    expect(status).toBe(200);
    expect((await world.authJwt(body.jwt_issuer_key)).status).toBe(401);
    await eventually(
      () => world.keysInKong(user.username),
      (keys) => keys?.length === 0,
    );
  });

  test('makes the consumer again when it is deleted in Kong between the two calls', async () => {
    const user = await world.app.user();
    await world.key(user.username);
    const unlock = await onCall(`GET /consumers/${user.username}`, () =>
      world.gateway.database.delete('consumers', (row) => row.username === user.username),
    );
    const key = await world.key(user.username);
    unlock();
    expect((await world.info(await world.token(key))).body.username).toBe(user.username);
  });

  /** Holds the account's row until the given function is called. */
  async function lock({ id }: TestUser): Promise<() => Promise<void>> {
    const client = new Client({ connectionString: world.app.databaseUrl });
    await client.connect();
    await client.query('begin');
    await client.query('select from users where id = $1 for no key update', [id]);
    return async () => {
      await client.query('rollback');
      await client.end();
    };
  }

  /** Does something in Kong right after it has seen this call. */
  function onCall(call: string, effect: () => void): () => void {
    const { calls } = world.gateway;
    const push = calls.push.bind(calls);
    calls.push = (...seen) => {
      if (seen.includes(call)) setImmediate(effect);
      return push(...seen);
    };
    return () => {
      calls.push = push;
    };
  }
});
