import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import {
  AssignRoleDocument,
  ChangePasswordDocument,
  CreatePermissionDocument,
  CreateRoleDocument,
  CreateUserDocument,
  DeletePermissionDocument,
  DeleteRoleDocument,
  DeleteUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  GrantPermissionDocument,
  RevokeAllSessionsDocument,
  RevokePermissionDocument,
  RevokeSessionDocument,
  UnassignRoleDocument,
  UpdateProfileDocument,
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { eventually } from '../support/eventually';

/** A write may wait for a hash or for a lock: its caller is authorized again when it is its turn. */
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

interface Target {
  user: TestUser;
  role: string;
  permission: string;
}

const ALL = [
  'READ_USERS',
  'CREATE_USER',
  'UPDATE_USER',
  'DELETE_USER',
  'DISABLE_USER',
  'ASSIGN_ROLE',
  'CREATE_ROLE',
  'UPDATE_ROLE',
  'DELETE_ROLE',
  'GRANT_PERMISSION',
  'CREATE_PERMISSION',
  'DELETE_PERMISSION',
  'REVOKE_SESSIONS',
];

const writes: [string, unknown, (target: Target) => object][] = [
  ['updateUser', UpdateUserDocument, ({ user }) => ({ id: user.id, firstName: 'Queued' })],
  ['updateUser with a password', UpdateUserDocument, ({ user }) => ({ id: user.id, password: 'another one' })],
  ['updateUser with roles', UpdateUserDocument, ({ user }) => ({ id: user.id, roles: [] })],
  ['updateProfile', UpdateProfileDocument, ({ user }) => ({ userId: user.id, fullName: 'Queued' })],
  ['deleteUser', DeleteUserDocument, ({ user }) => ({ id: user.id })],
  ['disableUser', DisableUserDocument, ({ user }) => ({ id: user.id })],
  ['enableUser', EnableUserDocument, ({ user }) => ({ id: user.id })],
  ['assignRole', AssignRoleDocument, ({ user, role }) => ({ userId: user.id, role })],
  ['unassignRole', UnassignRoleDocument, ({ user, role }) => ({ userId: user.id, role })],
  [
    'createUser with roles',
    CreateUserDocument,
    ({ role }) => ({ username: `queued-${randomUUID()}`, password: PASSWORD, roles: [role] }),
  ],
  ['createRole', CreateRoleDocument, () => ({ name: `QUEUED-${randomUUID()}`, ifExists: 'REFUSE' })],
  ['updateRole', UpdateRoleDocument, ({ role }) => ({ name: role, description: 'queued' })],
  ['deleteRole', DeleteRoleDocument, ({ role }) => ({ name: role })],
  ['grantPermission', GrantPermissionDocument, ({ role }) => ({ role, permission: 'READ_USERS' })],
  ['revokePermission', RevokePermissionDocument, ({ role }) => ({ role, permission: 'CREATE_USER' })],
  ['createPermission', CreatePermissionDocument, () => ({ name: `QUEUED-${randomUUID()}`, ifExists: 'REFUSE' })],
  ['deletePermission', DeletePermissionDocument, ({ permission }) => ({ name: permission })],
  ['revokeSession', RevokeSessionDocument, ({ user }) => ({ id: user.tokens.sessionId })],
  ['revokeAllSessions', RevokeAllSessionsDocument, ({ user }) => ({ userId: user.id })],
];

async function prepare(): Promise<{ caller: TestUser; target: Target }> {
  const permission = `QUEUED-${randomUUID()}`;
  await app.data(CreatePermissionDocument, { input: { name: permission, ifExists: 'REFUSE' } }, await app.admin());
  const role = await app.role(['CREATE_USER']);
  const own = await app.role([...ALL, permission]);
  const caller = await app.user({ roles: [own, role] });
  return { caller, target: { user: await app.user({ roles: [role] }), role, permission } };
}

/** Everything that the writes could have changed. */
const state = () =>
  app.sql(`select
    (select array_agg(concat_ws(',', u.id, first_name, is_active, password_hash) order by u.id) from users u) as users,
    (select array_agg(concat_ws(',', user_id, role_id) order by user_id, role_id) from user_roles) as user_roles,
    (select array_agg(concat_ws(',', name, description) order by name) from roles) as roles,
    (select array_agg(name order by name) from permissions) as permissions,
    (select array_agg(concat_ws(',', role_id, permission_id) order by role_id, permission_id) from role_permissions) as role_permissions,
    (select array_agg(concat_ws(',', user_id, full_name) order by user_id) from user_profiles) as profiles,
    (select array_agg(concat_ws(',', id, revoked_at) order by id) from sessions) as sessions`);

/** Holds the caller's account, runs the write until it waits for it, changes the caller and lets go. */
async function whileQueued(caller: TestUser, write: () => Promise<string>, change: string): Promise<string> {
  const holder = new Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from users where id = $1 for update', [caller.id]);
  const outcome = write();
  const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await eventually('the write waits for the lock', async () => (await app.sql(waiting)).length > 0);
  await holder.query(change, [caller.id]);
  await holder.query('commit');
  await holder.end();
  return outcome;
}

describe.each(writes)('%s', (_name, operation, input) => {
  test('is refused when its caller was disabled while it waited, and changes nothing', async () => {
    const { caller, target } = await prepare();
    const write = () => app.outcome(operation as never, { input: input(target) } as never, caller.token);
    const before = await state();
    expect(await whileQueued(caller, write, 'update users set is_active = false where id = $1')).toBe(
      'UNAUTHENTICATED',
    );
    await app.sql('update users set is_active = true where id = $1', [caller.id]);
    expect(await state()).toEqual(before);
  });

  test('is refused when its caller lost the right while it waited', async () => {
    const { caller, target } = await prepare();
    const write = () => app.outcome(operation as never, { input: input(target) } as never, caller.token);
    expect(await whileQueued(caller, write, 'delete from user_roles where user_id = $1')).toBe('FORBIDDEN');
  });
});

test('a change of the own password is refused when the account was disabled while it waited', async () => {
  const { caller } = await prepare();
  const input = { currentPassword: PASSWORD, newPassword: 'another password' };
  const write = () => app.outcome(ChangePasswordDocument, { input }, caller.token);
  expect(await whileQueued(caller, write, 'update users set is_active = false where id = $1')).toBe('UNAUTHENTICATED');
});
