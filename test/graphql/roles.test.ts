import {
  AssignRoleDocument,
  CreatePermissionDocument,
  CreateRoleDocument,
  type CreateRoleInput,
  CreateUserDocument,
  DeletePermissionDocument,
  DeleteRoleDocument,
  GrantPermissionDocument,
  PermissionsDocument,
  RevokePermissionDocument,
  RolesDocument,
  UnassignRoleDocument,
  UpdateRoleDocument,
} from '../../src/rest/generated/operations';
import { builtInPermissions } from '../../src/security/scopes';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { refused } from '../support/graphql-client';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const createRole = async (input: Partial<CreateRoleInput>) =>
  (await app.gql(CreateRoleDocument, { input: { name: 'UNNAMED', ...input } }, await app.admin())).body;
const createPermission = async (name: string, more: object = {}) =>
  (await app.gql(CreatePermissionDocument, { input: { name, ...more } }, await app.admin())).body;
const READ_USERS = { name: 'READ_USERS', description: builtInPermissions.READ_USERS };
const READ_ROLES = { name: 'READ_ROLES', description: builtInPermissions.READ_ROLES };
const noRole = (field: string, name: string) =>
  refused(field, 'ROLE_NOT_FOUND', `There is no role named "${name}"`, { name });
const noPermission = (field: string, name: string) =>
  refused(field, 'PERMISSION_NOT_FOUND', `There is no permission named "${name}"`, { name });

describe('a new database', () => {
  test('has the role ADMIN with every built-in permission, and an administrator', async () => {
    const own = await startApp();
    const admin = await own.admin();
    const all = Object.entries(builtInPermissions)
      .map(([name, description]) => ({ name, description }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(await own.data(PermissionsDocument, {}, admin)).toEqual({ permissions: all });
    const role = { name: 'ADMIN', description: 'Administrator: everything', permissions: all };
    expect(await own.data(RolesDocument, {}, admin)).toEqual({ roles: [role] });
    expect(await own.data('{ users { nodes { username roles { name } } } }', {}, admin)).toEqual({
      users: { nodes: [{ username: 'admin', roles: [{ name: 'ADMIN' }] }] },
    });
    await own.close();
  });

  test('has the roles that are configured; new users get the default ones', async () => {
    const own = await startApp({ env: { SEED_ROLES: 'LEARNER, CREATOR,MOD', DEFAULT_ROLES: 'LEARNER' } });
    const { roles } = await own.data(RolesDocument, {}, await own.admin());
    expect(roles!.map(({ name }) => name)).toEqual(['ADMIN', 'CREATOR', 'LEARNER', 'MOD']);
    const { createUser } = await own.data(CreateUserDocument, { input: { username: 'newcomer', password: PASSWORD } });
    expect(createUser!.user.roles).toEqual([{ name: 'LEARNER', description: null, permissions: [] }]);
    await own.close();
  });
});

describe('a role', () => {
  test('is made of permissions, changed, and deleted', async () => {
    expect(await createRole({ name: 'EDITOR', description: 'Edits', permissions: ['READ_USERS'] })).toEqual({
      data: { createRole: { role: { name: 'EDITOR', description: 'Edits', permissions: [READ_USERS] } } },
    });
    const admin = await app.admin();
    expect(
      await app.data(
        UpdateRoleDocument,
        { input: { name: 'EDITOR', permissions: ['READ_ROLES', 'READ_USERS'] } },
        admin,
      ),
    ).toEqual({
      updateRole: { role: { name: 'EDITOR', description: 'Edits', permissions: [READ_ROLES, READ_USERS] } },
    });
    expect(
      await app.data(UpdateRoleDocument, { input: { name: 'EDITOR', description: null, permissions: [] } }, admin),
    ).toEqual({
      updateRole: { role: { name: 'EDITOR', description: null, permissions: [] } },
    });
    const { role } = await app.data<{ role: { id: string } }>('{ role(name: "EDITOR") { id } }', {}, admin);
    expect(await app.data(DeleteRoleDocument, { input: { name: 'EDITOR' } }, admin)).toEqual({
      deleteRole: { ok: true, id: role.id },
    });
    expect((await app.gql(DeleteRoleDocument, { input: { name: 'EDITOR' } }, admin)).body).toEqual(
      noRole('deleteRole', 'EDITOR'),
    );
  });

  test('gets and loses single permissions, twice as well as once', async () => {
    const role = await app.role(['READ_USERS']);
    const admin = await app.admin();
    const change = { input: { role, permission: 'READ_ROLES' } };
    for (let i = 0; i < 2; i++)
      expect((await app.data(GrantPermissionDocument, change, admin)).grantPermission!.role.permissions).toEqual([
        READ_ROLES,
        READ_USERS,
      ]);
    for (let i = 0; i < 2; i++)
      expect((await app.data(RevokePermissionDocument, change, admin)).revokePermission!.role.permissions).toEqual([
        READ_USERS,
      ]);
  });

  test('is given and taken, twice as well as once', async () => {
    const role = await app.role();
    const { id } = await app.user();
    const admin = await app.admin();
    const names = (user: { roles: { name: string }[] }) => user.roles.map(({ name }) => name);
    for (let i = 0; i < 2; i++)
      expect(
        names((await app.data(AssignRoleDocument, { input: { userId: id, role } }, admin)).assignRole!.user!),
      ).toEqual([role]);
    for (let i = 0; i < 2; i++)
      expect(
        names((await app.data(UnassignRoleDocument, { input: { userId: id, role } }, admin)).unassignRole!.user!),
      ).toEqual([]);
  });

  test('that exists is refused, or replaced where that is wanted', async () => {
    await createRole({ name: 'TWICE', description: 'first', permissions: ['READ_USERS'] });
    expect(await createRole({ name: 'TWICE', permissions: ['READ_ROLES'] })).toEqual(
      refused('createRole', 'ROLE_NAME_TAKEN', 'A role named "TWICE" exists', { name: 'TWICE', field: 'name' }),
    );
    expect(await createRole({ name: 'TWICE', permissions: ['READ_ROLES'], ifExists: 'REPLACE' })).toEqual({
      data: { createRole: { role: { name: 'TWICE', description: null, permissions: [READ_ROLES] } } },
    });
  });

  test('of an unknown permission is not made', async () => {
    expect(await createRole({ name: 'HALF', permissions: ['READ_USERS', 'NO_SUCH'] })).toEqual(
      noPermission('createRole', 'NO_SUCH'),
    );
    expect(await app.sql("select 1 from roles where name = 'HALF'")).toEqual([]);
  });

  test('a name of another case is another role', async () => {
    await createRole({ name: 'CaSe' });
    expect((await createRole({ name: 'CASE' })).errors).toBeUndefined();
    expect(
      (await app.data<{ role: unknown }>('{ role(name: "case") { name } }', {}, await app.admin())).role,
    ).toBeNull();
  });

  test('ADMIN cannot be deleted; it can be changed, and still means everything', async () => {
    const own = await startApp();
    const admin = await own.admin();
    expect((await own.gql(DeleteRoleDocument, { input: { name: 'ADMIN' } }, admin)).body).toEqual(
      refused('deleteRole', 'ROLE_PROTECTED', 'The role "ADMIN" cannot be deleted', { name: 'ADMIN' }),
    );
    await own.data(UpdateRoleDocument, { input: { name: 'ADMIN', permissions: [] } }, admin);
    const { accessToken, scope } = await own.login('admin', 'password123');
    expect(scope).toBe('ROLE_ADMIN');
    for (const token of [admin, accessToken])
      expect(await own.outcome('{ users { nodes { id } } }', {}, token)).toBe('ok');
    await own.close();
  });

  test('precedence decides which role the token names', async () => {
    const admin = await app.admin();
    await createRole({ name: 'LATER', precedence: 50 });
    await createRole({ name: 'SOONER', precedence: 10 });
    const user = await app.user({ roles: ['LATER', 'SOONER'] });
    expect(user.tokens.scope).toBe('ROLE_SOONER ROLE_LATER');
    await app.data(UpdateRoleDocument, { input: { name: 'LATER', precedence: 1 } }, admin);
    expect((await app.login(user.username)).scope).toBe('ROLE_LATER ROLE_SOONER');
    expect(await createRole({ name: 'FIRST', precedence: -1 })).toEqual(
      refused('createRole', 'VALIDATION_FAILED', 'Precedence must be 0 to 1000000', {
        field: 'precedence',
        problems: [{ field: 'precedence', message: 'Precedence must be 0 to 1000000' }],
      }),
    );
  });
});

describe('a permission', () => {
  test('is made, described, replaced and deleted', async () => {
    const admin = await app.admin();
    expect(await createPermission('courses:write', { description: 'Write' })).toEqual({
      data: { createPermission: { permission: { name: 'courses:write', description: 'Write' } } },
    });
    expect(await createPermission('courses:write')).toEqual(
      refused('createPermission', 'PERMISSION_NAME_TAKEN', 'A permission named "courses:write" exists', {
        name: 'courses:write',
        field: 'name',
      }),
    );
    expect(await createPermission('courses:write', { ifExists: 'REPLACE' })).toEqual({
      data: { createPermission: { permission: { name: 'courses:write', description: null } } },
    });
    const byName = '{ permission(name: "courses:write") { id name description } }';
    const { permission } = await app.data<{ permission: { id: string } }>(byName, {}, admin);
    expect(permission).toEqual({ id: expect.any(String), name: 'courses:write', description: null });
    const input = { name: 'courses:write' };
    expect(await app.data(DeletePermissionDocument, { input }, admin)).toEqual({
      deletePermission: { ok: true, id: permission.id },
    });
    expect((await app.gql(DeletePermissionDocument, { input }, admin)).body).toEqual(
      noPermission('deletePermission', 'courses:write'),
    );
    expect(await app.data(byName, {}, admin)).toEqual({ permission: null });
  });

  test('a built-in one that is deleted stays deleted, also after the next start', async () => {
    const own = await startApp();
    await own.data(DeletePermissionDocument, { input: { name: 'READ_AUDIT_LOG' } }, await own.admin());
    const next = await startApp({
      env: { DATABASE_URL: own.databaseUrl },
      database: { url: own.databaseUrl, drop: async () => {} },
    });
    const { permissions } = await next.data(PermissionsDocument, {}, await next.admin());
    expect(permissions!.map(({ name }) => name)).not.toContain('READ_AUDIT_LOG');
    expect(permissions).toHaveLength(Object.keys(builtInPermissions).length - 1);
    await next.close();
    await own.close();
  });
});

describe('names are words of a scope claim', () => {
  const bad = [
    '',
    ' ',
    'TWO WORDS',
    ' LEADING',
    'TRAILING ',
    'TAB\tBED',
    'LINE\nBREAK',
    'QUO"TE',
    'BACK\\SLASH',
    'ÜMLAUT',
    '🦊',
    '-DASH',
    '.DOT',
    'A'.repeat(65),
    'NUL\0',
    '\ud800',
    'A,B',
    'A/B',
  ];
  const roleForm = 'A role name has 1 to 64 letters, digits and _ . : - and begins with a letter or digit';
  const permissionForm =
    'A permission name has 1 to 64 letters, digits and _ . : - begins with a letter or digit, and not with ROLE_';
  const misnamed = (field: string, message: string) =>
    refused(field, 'VALIDATION_FAILED', message, { field: 'name', problems: [{ field: 'name', message }] });

  test.each(bad)('%j names neither a role nor a permission', async (name) => {
    expect(await createRole({ name })).toEqual(misnamed('createRole', roleForm));
    expect(await createPermission(name)).toEqual(misnamed('createPermission', permissionForm));
    const admin = await app.admin();
    expect((await app.gql(DeleteRoleDocument, { input: { name } }, admin)).body).toEqual(noRole('deleteRole', name));
    expect(
      await app.data(
        'query($name: String!) { role(name: $name) { name } permission(name: $name) { name } }',
        { name },
        admin,
      ),
    ).toEqual({
      role: null,
      permission: null,
    });
  });

  test.each(['ROLE_ADMIN', 'ROLE_', 'role_admin', 'Role_X'])(
    '%s is no permission: it would pass for a role',
    async (name) => {
      expect(await createPermission(name)).toEqual(misnamed('createPermission', permissionForm));
    },
  );

  test.each(['A', '1', 'A'.repeat(64), 'read.users', 'users:read', 'a-b_c'])(
    '%s names a role, and a permission',
    async (name) => {
      expect((await createRole({ name })).errors).toBeUndefined();
      expect((await createPermission(name)).errors).toBeUndefined();
    },
  );

  test('a role named like a permission does not give it', async () => {
    await createRole({ name: 'READ_USERS' });
    const user = await app.user({ roles: ['READ_USERS'] });
    expect(user.tokens.scope).toBe('ROLE_READ_USERS');
    expect(await app.outcome('{ users { nodes { id } } }', {}, user.token)).toBe('FORBIDDEN');
  });
});
