import { randomUUID } from 'node:crypto';
import { Client, type Notification } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** What PostgreSQL announces to every process, for changes from any client: the triggers of the migrations. */
let database: TestDatabase;
let client: Client;
const received: Notification[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  client.on('notification', (notification) => received.push(notification));
  await client.query('listen identity_changes; listen identity_audit; listen identity_jobs');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const FAR = "now() + interval '7 days'";
const addUsers = (ids: string[]) =>
  client.query(
    "insert into users (id, username, password_hash, password_scheme) select id, id, '', 'bcrypt' from unnest($1::uuid[]) id",
    [ids],
  );

/** What a statement announces: an own connection has received it before the statement is answered. */
async function announced(sql: string, values: unknown[] = [], channel = 'identity_changes'): Promise<string[]> {
  received.length = 0;
  await client.query(sql, values);
  return received.filter((each) => each.channel === channel).map(({ payload }) => payload ?? '');
}

let userId: string;
let other: string;
beforeEach(async () => {
  await client.query('truncate users, roles, permissions, revoked_tokens cascade');
  [userId, other] = [randomUUID(), randomUUID()];
  await addUsers([userId, other]);
  await client.query("insert into roles (name) values ('ROLE')");
  await client.query("insert into permissions (name) values ('PERMISSION')");
  await client.query('insert into role_permissions select r.id, p.id from roles r, permissions p');
  await client.query('insert into user_roles select $1::uuid, id from roles', [userId]);
  const session = `insert into sessions (user_id, channel, idle_until, expires_at) values ($1, 'graphql', ${FAR}, ${FAR})`;
  await client.query(session, [userId]);
});

describe('the account is announced when SQL', () => {
  test.each([
    ['disables it', 'update users set is_active = false where id = $1'],
    ['ends its tokens', 'update users set token_version = 2 where id = $1'],
    ['ends the tokens of before', 'update users set tokens_valid_after = now() where id = $1'],
    ['exempts another token', "update users set exempt_token_key = 'jti:1' where id = $1"],
    ['changes its address', "update users set email = 'new@example.com' where id = $1"],
    ['deletes it', 'delete from users where id = $1'],
    ['revokes a session', 'update sessions set revoked_at = now() where user_id = $1'],
    ['shortens the idle limit of a session', 'update sessions set idle_until = now() where user_id = $1'],
    ['shortens the absolute limit of a session', 'update sessions set expires_at = now() where user_id = $1'],
    ['deletes a session', 'delete from sessions where user_id = $1'],
    ['denies a token', "insert into revoked_tokens (key, user_id, expires_at) values ('jti:2', $1, now())"],
    ['takes a role', 'delete from user_roles where user_id = $1'],
  ])('%s', async (_what, sql) => {
    expect(new Set(await announced(sql, [userId]))).toEqual(new Set([userId]));
  });

  test('gives a role', async () => {
    await client.query('delete from user_roles');
    expect(await announced('insert into user_roles select $1::uuid, id from roles', [userId])).toEqual([userId]);
  });

  test('moves its role to another account, which is announced too', async () => {
    const accounts = await announced('update user_roles set user_id = $1', [other]);
    expect(accounts.sort()).toEqual([userId, other].sort());
  });

  test('changes its profile', async () => {
    await client.query('insert into user_profiles (user_id) values ($1)', [userId]);
    expect(await announced("update user_profiles set full_name = 'New' where user_id = $1", [userId])).toEqual([
      userId,
    ]);
  });
});

describe('all accounts are announced when SQL', () => {
  test.each([
    ['deletes a permission', 'delete from permissions'],
    ['renames a permission', "update permissions set name = 'RENAMED'"],
    ['adds a permission', "insert into permissions (name) values ('ADDED')"],
    ['empties the permissions', 'truncate permissions cascade'],
    ['deletes a role', 'delete from roles'],
    ['renames a role', "update roles set name = 'RENAMED'"],
    ['takes a permission out of a role', 'delete from role_permissions'],
    ['empties the permissions of roles', 'truncate role_permissions'],
    ['empties the users', 'truncate users cascade'],
    ['empties the roles of users', 'truncate user_roles'],
    ['empties the sessions', 'truncate sessions cascade'],
  ])('%s', async (_what, sql) => {
    expect(await announced(sql)).toContain('*');
  });

  test('takes a role from more than a hundred', async () => {
    const ids = Array.from({ length: 101 }, () => randomUUID());
    await addUsers(ids);
    const give = 'insert into user_roles select u.id, r.id from users u, roles r on conflict do nothing';
    await client.query(give);
    expect(await announced('delete from user_roles where user_id = any($1)', [ids.slice(1)])).toHaveLength(100);
    await client.query(give);
    expect(await announced('delete from user_roles where user_id = any($1)', [ids])).toEqual(['*']);
  });
});

test.each([
  ['a login', 'update users set last_login_at = now(), updated_at = now() where id = $1'],
  ['a session that is used', `update sessions set last_seen_at = now(), idle_until = ${FAR} where user_id = $1`],
])('%s takes no right, and announces nothing', async (_what, sql) => {
  expect(await announced(sql, [userId])).toEqual([]);
});

test('a change that is rolled back is not announced', async () => {
  expect(await announced('begin; delete from permissions; rollback')).toEqual([]);
});

test('a security event is announced by its id, and a job by its arrival', async () => {
  const [id] = await announced("insert into audit_events (action) values ('test')", [], 'identity_audit');
  const { rows: events } = await client.query("select id from audit_events where action = 'test'");
  expect(events).toEqual([{ id }]);
  expect(await announced("insert into jobs (kind, due_at) values ('test', now())", [], 'identity_jobs')).toEqual(['']);
});
