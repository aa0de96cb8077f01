import { startApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';

const LIST = '{ users(first: 10) { totalCount nodes { username } } }';

let replica: TestDatabase;
beforeAll(async () => {
  // A database of its own that holds what the primary does not, so that it shows where an answer
  // comes from.
  replica = await createTestDatabase();
  const app = await startApp({ database: replica });
  await app.sql(
    "insert into users (username, password_hash, password_scheme) values ('only-in-the-replica', '$2b$04$unusable', 'bcrypt')",
  );
  await app.close();
});
afterAll(() => replica.drop());

const names = async (app: TestApp) => {
  const { users } = await app.data<{ users: { totalCount: number; nodes: { username: string }[] } }>(
    LIST,
    {},
    await app.admin(),
  );
  expect(users.totalCount).toBe(users.nodes.length);
  return users.nodes.map(({ username }) => username);
};

test('lists are read from a replica; what decides anything is read from the primary', async () => {
  const app = await startApp({ env: { DATABASE_REPLICA_URLS: replica.url } });
  try {
    const user = await app.user();
    expect(await names(app)).toEqual(['admin', 'only-in-the-replica']);
    expect(
      await app.data('query($id: ID!) { user(id: $id) { username } }', { id: user.id }, await app.admin()),
    ).toEqual({
      user: { username: user.username },
    });
    expect((await app.gql('{ me { username } }', {}, user.token)).body.data).toEqual({
      me: { username: user.username },
    });
  } finally {
    await app.close();
  }
});

test('a replica that is away is no reason to fail', async () => {
  const app = await startApp({ env: { DATABASE_REPLICA_URLS: 'postgres://postgres@127.0.0.1:1/identity' } });
  try {
    expect(await names(app)).toEqual(['admin']);
  } finally {
    await app.close();
  }
});
