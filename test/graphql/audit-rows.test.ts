import {
  AssignRoleDocument,
  CreatePermissionDocument,
  CreateRoleDocument,
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
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';

/** Every change of users, roles and permissions leaves a row that names actor, target and change. */
let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.admin();
});
afterAll(() => app.close());

interface Row {
  action: string;
  detail: Record<string, unknown>;
}

/** The rows about a target, the oldest first, of the administrator from this address. */
async function rowsOf(targetType: string, targetId: string): Promise<Row[]> {
  const rows = await app.sql<Row & { actor_name: string; address: string }>(
    'select action, detail, actor_name, address from audit_events where target_type = $1 and target_id = $2 order by id',
    [targetType, targetId],
  );
  for (const row of rows) expect(row).toMatchObject({ actor_name: 'admin', address: '127.0.0.1' });
  return rows.map(({ action, detail }) => ({ action, detail }));
}

test('of a role: created, updated, granted, revoked, deleted', async () => {
  const name = 'AUDITED';
  const input = { role: name, permission: 'READ_ROLES' };
  await app.data(CreateRoleDocument, { input: { name, permissions: ['READ_USERS'], ifExists: 'REFUSE' } }, admin);
  await app.data(UpdateRoleDocument, { input: { name, permissions: [] } }, admin);
  await app.data(GrantPermissionDocument, { input }, admin);
  await app.data(RevokePermissionDocument, { input }, admin);
  await app.data(CreateRoleDocument, { input: { name, permissions: ['READ_ROLES'], ifExists: 'REPLACE' } }, admin);
  await app.data(DeleteRoleDocument, { input: { name } }, admin);
  expect(await rowsOf('role', name)).toEqual([
    { action: 'role.created', detail: { permissions: ['READ_USERS'] } },
    { action: 'role.updated', detail: { permissions: [] } },
    { action: 'role.permission-granted', detail: { permission: 'READ_ROLES' } },
    { action: 'role.permission-revoked', detail: { permission: 'READ_ROLES' } },
    { action: 'role.updated', detail: { permissions: ['READ_ROLES'] } },
    { action: 'role.deleted', detail: {} },
  ]);
});

test('of a permission: created, replaced, deleted', async () => {
  const name = 'AUDITED_PERMISSION';
  for (const ifExists of ['REFUSE', 'REPLACE'] as const)
    await app.data(CreatePermissionDocument, { input: { name, ifExists } }, admin);
  await app.data(DeletePermissionDocument, { input: { name } }, admin);
  expect((await rowsOf('permission', name)).map(({ action }) => action)).toEqual([
    'permission.created',
    'permission.updated',
    'permission.deleted',
  ]);
});

test('of a user: created, updated, role assigned and unassigned, disabled, enabled, deleted', async () => {
  const { id, username } = await app.user();
  const role = await app.role();
  await app.data(UpdateUserDocument, { input: { id, firstName: 'Audited', password: 'another one' } }, admin);
  await app.data(AssignRoleDocument, { input: { userId: id, role } }, admin);
  await app.data(UnassignRoleDocument, { input: { userId: id, role } }, admin);
  for (const operation of [DisableUserDocument, EnableUserDocument, DeleteUserDocument])
    await app.data(operation as typeof DisableUserDocument, { input: { id } }, admin);
  expect(await rowsOf('user', id)).toEqual([
    { action: 'user.created', detail: { username, roles: [] } },
    { action: 'user.updated', detail: { changed: ['firstName', 'password'] } },
    { action: 'user.role-assigned', detail: { role } },
    { action: 'user.role-unassigned', detail: { role } },
    { action: 'user.disabled', detail: {} },
    { action: 'user.enabled', detail: {} },
    { action: 'user.deleted', detail: { username } },
  ]);
});

test('of sessions: one ended, all ended', async () => {
  const { id, username, tokens } = await app.user();
  await app.login(username);
  await app.data(RevokeSessionDocument, { input: { id: tokens.sessionId } }, admin);
  expect(await rowsOf('session', tokens.sessionId)).toEqual([{ action: 'session.revoked', detail: { user: id } }]);
  await app.data(RevokeAllSessionsDocument, { input: { userId: id } }, admin);
  expect((await rowsOf('user', id)).at(-1)).toEqual({ action: 'sessions.revoked', detail: { count: 1 } });
});

test('a change that is refused leaves no row about its target', async () => {
  const helper = await app.user({ permissions: ['GRANT_PERMISSION'] });
  const role = await app.role();
  const outcome = await app.outcome(
    GrantPermissionDocument,
    { input: { role, permission: 'DELETE_USER' } },
    helper.token,
  );
  expect(outcome).toBe('FORBIDDEN');
  expect(await app.sql(`select from audit_events where target_type = 'role' and target_id = $1`, [role])).toHaveLength(
    1,
  );
});
