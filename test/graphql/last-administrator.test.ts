import { Client } from 'pg';
import {
  AssignRoleDocument,
  DeleteUserDocument,
  DisableUserDocument,
  MeDocument,
  UnassignRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';
import { refused } from '../support/graphql-client';

let app: TestApp;
let first: { id: string; token: string };
beforeAll(async () => {
  app = await startApp();
  const token = await app.admin();
  first = { id: (await app.data(MeDocument, {}, token)).me!.id, token };
});
afterAll(() => app.close());

const administrators = async () =>
  (
    await app.sql<{ id: string }>(
      "select u.id from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id where r.name = 'ADMIN' and u.is_active",
    )
  ).map(({ id }) => id);

type Removal = (id: string, who: string) => Promise<{ body: { errors?: unknown } }>;
const removals: [string, string, Removal][] = [
  ['deleted', 'deleteUser', (id, who) => app.gql(DeleteUserDocument, { input: { id } }, who)],
  ['disabled', 'disableUser', (id, who) => app.gql(DisableUserDocument, { input: { id } }, who)],
  [
    'unassigned from ADMIN',
    'unassignRole',
    (id, who) => app.gql(UnassignRoleDocument, { input: { userId: id, role: 'ADMIN' } }, who),
  ],
  ['given other roles', 'updateUser', (id, who) => app.gql(UpdateUserDocument, { input: { id, roles: [] } }, who)],
];
const last = (field: string) => refused(field, 'LAST_ADMINISTRATOR', 'The last administrator cannot be removed');

test.each(removals)(
  'the last administrator cannot be %s, by themselves or by a caller with the scope',
  async (_what, field, remove) => {
    expect((await remove(first.id, first.token)).body).toEqual(last(field));
    expect(await administrators()).toEqual([first.id]);
    expect(await app.outcome(MeDocument, {}, first.token)).toBe('ok');
  },
);

test.each(removals)(
  'a disabled administrator does not count: the active one cannot be %s',
  async (_what, field, remove) => {
    const second = await app.user({ roles: ['ADMIN'] });
    await app.data(DisableUserDocument, { input: { id: second.id } }, first.token);
    expect((await remove(first.id, first.token)).body).toEqual(last(field));
    expect(await app.outcome(DeleteUserDocument, { input: { id: second.id } }, first.token)).toBe('ok');
  },
);

test.each(removals)('one of two can be %s', async (_what, _field, remove) => {
  const second = await app.user({ roles: ['ADMIN'] });
  expect((await remove(second.id, second.token)).body).not.toHaveProperty('errors');
  expect(await administrators()).toEqual([first.id]);
});

describe('of two administrators who remove each other at the same moment one remains', () => {
  const pairs = removals.flatMap((one) => removals.map((other) => [one, other] as const));
  test.each(pairs.map(([one, other]) => [one[0], other[0], one, other] as const))(
    '%s and %s',
    async (_one, _other, one, other) => {
      const own = await rivals();
      const [a, b] = own.users;
      const answers = await Promise.all([one[2](b.id, a.token), other[2](a.id, b.token)]);
      const remaining = await administrators();
      expect(remaining).toHaveLength(1);
      expect([a.id, b.id]).toContain(remaining[0]);
      expect(answers.filter(({ body }) => body.errors)).toHaveLength(1);
      await own.restore(remaining[0]!);
    },
  );
});

test('of two administrators who give up the role at the same moment one keeps it', async () => {
  const own = await rivals();
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  await client.query('begin; lock table user_roles in share mode'); // may be read, not written
  const resign = ({ id, token }: TestUser) =>
    app.gql(UnassignRoleDocument, { input: { userId: id, role: 'ADMIN' } }, token);
  const answers = Promise.all(own.users.map(resign));
  const waiting = "datname = current_database() and wait_event_type = 'Lock'";
  await eventually('both wait', async () => {
    const { rows } = await client.query(`select count(*)::int as count from pg_stat_activity where ${waiting}`);
    return rows[0].count === 2;
  });
  await client.query('commit');
  await client.end();
  expect((await answers).filter(({ body }) => body.errors)).toHaveLength(1);
  const remaining = await administrators();
  expect(remaining).toHaveLength(1);
  await own.restore(remaining[0]!);
});

/** Makes two users the only administrators; afterwards the first one is it again. */
async function rivals(): Promise<{ users: [TestUser, TestUser]; restore(remaining: string): Promise<void> }> {
  const users: [TestUser, TestUser] = [await app.user({ roles: ['ADMIN'] }), await app.user({ roles: ['ADMIN'] })];
  await app.sql("delete from user_roles where user_id = $1 and role_id = (select id from roles where name = 'ADMIN')", [
    first.id,
  ]);
  return {
    users,
    restore: async (remaining) => {
      const { token } = users.find(({ id }) => id === remaining)!;
      await app.data(AssignRoleDocument, { input: { userId: first.id, role: 'ADMIN' } }, token);
      await app.data(DeleteUserDocument, { input: { id: remaining } }, first.token);
    },
  };
}
