import { DeleteUserDocument } from '../../src/rest/generated/operations';
import { eventually, type KongWorld, startKongWorld } from '../fakes/kong/kong-world';
import { ADMIN } from '../support/app';

/**
 * Anyone may register an account, so a name that is found in Kong must not be enough to become what
 * it stands for there.
 */
const LONG = 'long enough for the strict profile';
let world: KongWorld;
beforeAll(async () => {
  world = await startKongWorld();
});
afterAll(() => world.close());

const consumerOf = async (name: string) => (await world.admin('GET', `/consumers/${name}`)).body;

test('a consumer carries the id of its user', async () => {
  const user = await world.app.user();
  await world.key(user.username);
  expect(await consumerOf(user.username)).toMatchObject({
    username: user.username,
    custom_id: user.id,
    tags: ['graphql-identity'],
  });
});

test("another user's consumer is not given to the user who has chosen its name", async () => {
  const user = await world.app.user();
  await world.admin('POST', '/consumers', { username: user.username, custom_id: 'partner-7' });
  expect(await world.signIn(user.username)).toMatchObject({
    status: 409,
    body: {
      message: 'Kong has a consumer with this user name that belongs to another user; sign in through another channel',
    },
  });
  expect(await world.keysInKong(user.username)).toEqual([]);
  expect(await world.rows(user.id)).toEqual([]);
  const { body } = await world.graphqlSignIn(user.username);
  expect(body.errors?.[0]?.extensions?.code).toBe('GATEWAY_NAME_TAKEN');
});

test('adopts an older consumer without a custom_id, and writes the id of its user into it', async () => {
  const user = await world.app.user();
  const { body } = await world.admin('POST', '/consumers', { username: user.username, tags: ['partner'] });
  await world.key(user.username);
  expect(await consumerOf(user.username)).toMatchObject({
    id: body.id,
    custom_id: user.id,
    tags: expect.arrayContaining(['partner', 'graphql-identity']),
  });
});

test('refuses in words when another consumer has the custom_id, whether the own one exists or not', async () => {
  const refusal = {
    status: 409,
    body: {
      message:
        'Kong has a consumer with this user id (custom_id) that belongs to another user; sign in through another channel',
    },
  };
  for (const exists of [false, true]) {
    const user = await world.app.user();
    await world.admin('POST', '/consumers', { username: `other-${user.username}`, custom_id: user.id });
    if (exists) await world.admin('POST', '/consumers', { username: user.username });
    for (let i = 0; i < 2; i++) expect(await world.signIn(user.username)).toMatchObject(refusal);
    expect(await world.rows(user.id)).toEqual([]);
    await world.admin('DELETE', `/consumers/other-${user.username}`);
    expect((await world.signIn(user.username)).status).toBe(200);
  }
});

test('tags its credentials, so that an operator tells them from others', async () => {
  const user = await world.app.user();
  const key = await world.key(user.username);
  const { body } = await world.admin('GET', `/consumers/${user.username}/jwt/${key}`);
  expect(body.tags).toEqual(['graphql-identity']);
});

describe('the consumer of a deleted user', () => {
  const remove = async (id: string) => world.app.data(DeleteUserDocument, { input: { id } }, await world.app.admin());
  const gone = (name: string) =>
    eventually(
      async () => (await world.admin('GET', `/consumers/${name}`)).status,
      (status) => status === 404,
      10_000,
    );

  test('is deleted, also when the user has no credential left', async () => {
    const [active, expired] = [await world.app.user(), await world.app.user()];
    for (const { username } of [active, expired]) await world.key(username);
    await world.app.sql('delete from kong_credentials where user_id = $1', [expired.id]);
    for (const { id, username } of [active, expired]) {
      await remove(id);
      await gone(username);
    }
  });

  test('is deleted when Kong is back, and not in place of one with another custom_id', async () => {
    const user = await world.app.user();
    const stranger = await world.app.user();
    await world.key(user.username);
    await world.admin('POST', '/consumers', { username: stranger.username, custom_id: 'partner-8' });
    world.gateway.stopDatabase();
    await remove(user.id);
    await remove(stranger.id);
    world.gateway.startDatabase();
    world.app.clock.advance(10);
    await gone(user.username);
    expect((await consumerOf(stranger.username)).custom_id).toBe('partner-8');
    expect(await world.app.sql(`select 1 from jobs where kind = 'kong.delete-consumer'`)).toEqual([]);
  });
});

test('but not in the strict profile', async () => {
  const strict = await startKongWorld({ env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: LONG } });
  try {
    await strict.admin('POST', '/consumers', { username: ADMIN.username });
    expect((await strict.signIn(ADMIN.username, LONG)).status).toBe(409);
  } finally {
    await strict.close();
  }
});

describe('a name that is taken again', () => {
  test('has a consumer of its own: what belonged to the old one is gone, in either order', async () => {
    const old = await world.app.user();
    await world.key(old.username);
    const left = await consumerOf(old.username);
    await world.app.data(DeleteUserDocument, { input: { id: old.id } }, await world.app.admin());
    const fresh = await world.app.user({ username: old.username });
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.signIn(fresh.username)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const now = await consumerOf(fresh.username);
    expect(now.custom_id).toBe(fresh.id);
    expect(now.id).not.toBe(left.id);
    expect(await world.keysInKong(fresh.username)).toHaveLength(5);
  });

  test('keeps a consumer that only looks left over: no user has that id, but another system made it', async () => {
    const user = await world.app.user();
    await world.admin('POST', '/consumers', {
      username: user.username,
      custom_id: 'f4f6f6c0-6a0e-4a3c-9d1d-0c6d0c3b7a11',
    });
    expect((await world.signIn(user.username)).status).toBe(409);
  });
});
