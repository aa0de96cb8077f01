import { DeleteUserDocument } from '../../src/rest/generated/operations';
import { type KongWorld, startKongWorld } from '../fakes/kong/kong-world';
import { ADMIN } from '../support/app';

/**
 * Accounts are made by anybody, so a name that is found in Kong must not be enough to become what
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

test("somebody else's consumer is not given to the user who has chosen its name", async () => {
  const user = await world.app.user();
  await world.admin('POST', '/consumers', { username: user.username, custom_id: 'partner-7' });
  expect(await world.signIn(user.username)).toMatchObject({
    status: 409,
    body: {
      message: 'Kong has a consumer of this name that belongs to somebody else; sign in through another channel',
    },
  });
  expect(await world.keysInKong(user.username)).toEqual([]);
  expect(await world.rows(user.id)).toEqual([]);
  const { body } = await world.graphqlSignIn(user.username);
  expect(body.errors?.[0]?.extensions?.code).toBe('GATEWAY_NAME_TAKEN');
});

test('a consumer that was there before and says of nobody that it is his is used, as the document draws it', async () => {
  const user = await world.app.user();
  const { body } = await world.admin('POST', '/consumers', { username: user.username });
  await world.key(user.username);
  expect((await consumerOf(user.username)).id).toBe(body.id);
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
  test('has a consumer of its own: what hung on the old one is gone, whoever comes first', async () => {
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

  test('leaves alone what only looks left over: nobody here has that id, but it was not made here', async () => {
    const user = await world.app.user();
    await world.admin('POST', '/consumers', {
      username: user.username,
      custom_id: 'f4f6f6c0-6a0e-4a3c-9d1d-0c6d0c3b7a11',
    });
    expect((await world.signIn(user.username)).status).toBe(409);
  });
});
