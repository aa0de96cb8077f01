import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import {
  AssignRoleDocument,
  CreatePermissionDocument,
  CreateUserDocument,
  DeletePermissionDocument,
  DeleteRoleDocument,
  DisableUserDocument,
  GrantPermissionDocument,
  RevokePermissionDocument,
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';
import { inParallel } from '../support/sessions';

/** A write relies on rights; what takes them away commits before the write decides, or after it is done. */
let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.admin();
});
afterAll(() => app.close());

/** Holds rows until `release`, in a transaction of its own. */
async function hold(query: string, values: unknown[]): Promise<{ release(): Promise<void> }> {
  const holder = new Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query(query, values);
  return {
    release: async () => {
      await holder.query('commit');
      await holder.end();
    },
  };
}

const untilWaiting = (count: number) =>
  eventually(`${count} transactions wait`, async () => {
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    return (await app.sql(waiting)).length >= count;
  });

/** What comes first: the answer, or that there are so many transactions that wait. */
const answersOrWaits = (answer: Promise<string>, count: number) =>
  Promise.race([answer, untilWaiting(count).then(() => 'waits')]);

async function permission(): Promise<string> {
  const name = `P-${randomUUID()}`;
  await app.data(CreatePermissionDocument, { input: { name, ifExists: 'REFUSE' } }, admin);
  return name;
}

interface Rights {
  /** The role through which the caller may assign roles. */
  own: string;
  /** A permission of the role that the caller assigns. */
  needed: string;
}

const changes: [string, (rights: Rights) => [document: unknown, input: object]][] = [
  ['revokes the permission', ({ own }) => [RevokePermissionDocument, { role: own, permission: 'ASSIGN_ROLE' }]],
  ['empties the role', ({ own }) => [UpdateRoleDocument, { name: own, permissions: [] }]],
  ['deletes the role', ({ own }) => [DeleteRoleDocument, { name: own }]],
  ['deletes a permission that the write needs', ({ needed }) => [DeletePermissionDocument, { name: needed }]],
];

test.each(changes)('a write that is already authorized is done before an administrator %s', async (_what, change) => {
  const needed = await permission();
  const own = await app.role(['ASSIGN_ROLE']);
  const given = await app.role([needed]);
  const caller = await app.user({ roles: [own, given] });
  const target = await app.user();
  const [document, input] = change({ own, needed });

  const held = await hold('select from roles where name = $1 for update', [given]);
  const write = app.outcome(AssignRoleDocument, { input: { userId: target.id, role: given } }, caller.token);
  await untilWaiting(1);
  const changed = app.outcome(document as never, { input } as never, admin);
  expect(await answersOrWaits(changed, 2)).toBe('waits');
  await held.release();
  expect([await write, await changed]).toEqual(['ok', 'ok']);
});

test('an administrator who writes without a pause cannot keep another from disabling them', async () => {
  const caller = await app.user({ permissions: ['UPDATE_USER'] });
  const [busy, free] = [await app.user(), await app.user()];
  const rename = ({ id }: TestUser) =>
    app.outcome(UpdateUserDocument, { input: { id, firstName: 'Renamed' } }, caller.token);

  const held = await hold('select from users where id = $1 for update', [busy.id]);
  const before = rename(busy);
  await untilWaiting(1);
  const disabled = app.outcome(DisableUserDocument, { input: { id: caller.id } }, admin);
  await untilWaiting(2);
  const after = rename(free);
  expect(await answersOrWaits(after, 3)).toBe('waits');
  await held.release();
  expect([await before, await disabled, await after]).toEqual(['ok', 'ok', 'UNAUTHENTICATED']);
});

const gifts: [string, (role: string, target: TestUser) => [document: unknown, input: object]][] = [
  ['createUser', (role) => [CreateUserDocument, { username: randomUUID(), password: PASSWORD, roles: [role] }]],
  ['assignRole', (role, { id }) => [AssignRoleDocument, { userId: id, role }]],
  ['updateUser', (role, { id }) => [UpdateUserDocument, { id, roles: [role] }]],
];

test.each(gifts)('%s gives no role that has gained a permission beyond the caller meanwhile', async (_name, gift) => {
  const gained = await permission();
  const role = await app.role();
  const permissions = ['CREATE_USER', 'UPDATE_USER', 'ASSIGN_ROLE', 'READ_USERS'];
  const caller = await app.user({ roles: [role], permissions });
  const [document, input] = gift(role, await app.user());

  const held = await hold('select from permissions where name = $1 for update', [gained]);
  const granted = app.outcome(GrantPermissionDocument, { input: { role, permission: gained } }, admin);
  await untilWaiting(1);
  const given = app.outcome(document as never, { input } as never, caller.token);
  expect(await answersOrWaits(given, 2)).toBe('waits');
  await held.release();
  expect([await granted, await given]).toEqual(['ok', 'FORBIDDEN']);
});

test('administrators who change each other, and the roles that they hold, do not block each other', async () => {
  const [first, second] = [await app.role(['READ_USERS']), await app.role(['READ_ROLES'])];
  const [one, other] = [await app.user({ roles: ['ADMIN', first] }), await app.user({ roles: ['ADMIN', second] })];
  const work = (by: TestUser, on: TestUser, role: string) => [
    () => app.outcome(UpdateRoleDocument, { input: { name: role, description: randomUUID() } }, by.token),
    () => app.outcome(UpdateUserDocument, { input: { id: on.id, firstName: randomUUID() } }, by.token),
    () => app.outcome(AssignRoleDocument, { input: { userId: on.id, role } }, by.token),
    () => app.outcome(RevokePermissionDocument, { input: { role, permission: 'READ_USERS' } }, by.token),
  ];
  const all = Array.from({ length: 15 }, () => [...work(one, other, second), ...work(other, one, first)]).flat();
  const outcomes: string[] = [];
  // no more than there are connections: waiting for one is another matter, and ends in 503 on a busy machine
  await inParallel(all.length, 8, async (index) => {
    outcomes.push(await all[index]!());
  });
  expect(new Set(outcomes)).toEqual(new Set(['ok']));
});
