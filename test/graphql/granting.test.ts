import {
  AssignRoleDocument,
  CreatePermissionDocument,
  CreateRoleDocument,
  CreateUserDocument,
  DeletePermissionDocument,
  DeleteRoleDocument,
  DeleteUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  GrantPermissionDocument,
  MeDocument,
  RevokePermissionDocument,
  UnassignRoleDocument,
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { type BuiltInPermission, builtInPermissions } from '../../src/security/scopes';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { forbidden } from '../support/graphql-client';
import { foreignCompatToken } from '../support/tokens';

/**
 * Holds every permission but these, so that a refusal is for what the manager lacks and for
 * nothing else.
 */
const LACKS: BuiltInPermission[] = ['DELETE_USER', 'READ_AUDIT_LOG'];

let app: TestApp;
let manager: TestUser;
/**
 * One carries something that the manager lacks, the other the manager has: a role's own name is a
 * scope as well.
 */
let greater: string;
let lesser: string;

beforeAll(async () => {
  app = await startApp();
  greater = await app.role(['READ_USERS', 'READ_AUDIT_LOG']);
  lesser = await app.role(['READ_USERS']);
  const permissions = Object.keys(builtInPermissions).filter((name) => !LACKS.includes(name as BuiltInPermission));
  manager = await app.user({ permissions, roles: [lesser] });
});
afterAll(() => app.close());

type Ask = (who: string) => Promise<{ body: unknown }>;
const needsAll = 'every scope that is concerned, or ROLE_ADMIN';
/** Refused to the manager, with nothing changed; the same is fine for an administrator. */
async function onlyForAdministrators(field: string, ask: Ask, state: () => Promise<unknown>): Promise<void> {
  const before = await state();
  expect((await ask(manager.token)).body).toEqual(forbidden(field, needsAll));
  expect(await state()).toEqual(before);
  expect((await ask(await app.admin())).body).not.toHaveProperty('errors');
}
const permissionsOf = (role: string) => () =>
  app.sql(
    'select p.name from roles r join role_permissions rp on rp.role_id = r.id join permissions p on p.id = rp.permission_id where r.name = $1 order by 1',
    [role],
  );
const rolesOf = (id: string) => () =>
  app.sql('select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = $1 order by 1', [id]);
const toAccountState = (id: string) => () =>
  app.sql('select email, first_name, is_active, password_hash, token_version from users where id = $1', [id]);

describe('callers cannot grant scopes that they lack:', () => {
  test('a role made of it', async () => {
    const ask: Ask = (who) =>
      app.gql(
        CreateRoleDocument,
        { input: { name: 'GREATER', permissions: ['READ_USERS', 'READ_AUDIT_LOG'], ifExists: 'REPLACE' } },
        who,
      );
    await onlyForAdministrators('createRole', ask, permissionsOf('GREATER'));
  });

  test('a role replaced by it, or one that carries it replaced', async () => {
    for (const [name, permissions] of [
      [await app.role(['READ_USERS']), ['DELETE_USER']],
      [await app.role(['DELETE_USER']), []],
    ] as [string, string[]][]) {
      const ask: Ask = (who) => app.gql(CreateRoleDocument, { input: { name, permissions, ifExists: 'REPLACE' } }, who);
      await onlyForAdministrators('createRole', ask, permissionsOf(name));
    }
  });

  test('a permission put into a role, or its role updated', async () => {
    const role = await app.role(['READ_USERS']);
    await onlyForAdministrators(
      'grantPermission',
      (who) => app.gql(GrantPermissionDocument, { input: { role, permission: 'DELETE_USER' } }, who),
      permissionsOf(role),
    );
    const other = await app.role(['READ_USERS']);
    const permissions = ['READ_USERS', 'DELETE_USER'];
    await onlyForAdministrators(
      'updateRole',
      (who) => app.gql(UpdateRoleDocument, { input: { name: other, permissions } }, who),
      permissionsOf(other),
    );
  });

  test('anything in the role ADMIN', async () => {
    const input = { role: 'ADMIN', permission: 'READ_USERS' };
    expect((await app.gql(GrantPermissionDocument, { input }, manager.token)).body).toEqual(
      forbidden('grantPermission', needsAll),
    );
    expect((await app.gql(RevokePermissionDocument, { input }, manager.token)).body).toEqual(
      forbidden('revokePermission', needsAll),
    );
    expect(
      (await app.gql(UpdateRoleDocument, { input: { name: 'ADMIN', description: 'mine' } }, manager.token)).body,
    ).toEqual(forbidden('updateRole', needsAll));
  });

  test('a role assigned, to another user or to the caller', async () => {
    const user = await app.user();
    for (const [userId, role] of [
      [user.id, greater],
      [user.id, 'ADMIN'],
      [manager.id, greater],
      [manager.id, 'ADMIN'],
    ] as const) {
      expect((await app.gql(AssignRoleDocument, { input: { userId, role } }, manager.token)).body).toEqual(
        forbidden('assignRole', needsAll),
      );
    }
    expect(await rolesOf(user.id)()).toEqual([]);
    expect(await app.outcome(AssignRoleDocument, { input: { userId: user.id, role: lesser } }, manager.token)).toBe(
      'ok',
    );
  });

  test('roles of a new user', async () => {
    const create = (roles: string[], who: string) =>
      app.gql(CreateUserDocument, { input: { username: `new ${Math.random()}`, password: PASSWORD, roles } }, who);
    expect((await create([lesser, greater], manager.token)).body).toEqual(forbidden('createUser', needsAll));
    expect((await create(['ADMIN'], manager.token)).body).toEqual(forbidden('createUser', needsAll));
    expect((await create([lesser], manager.token)).body).not.toHaveProperty('errors');
    expect((await create([greater], await app.admin())).body).not.toHaveProperty('errors');
  });

  test('roles of a new user need CREATE_USER and ASSIGN_ROLE, an empty list too', async () => {
    const creator = await app.user({ permissions: ['CREATE_USER'] });
    const assigner = await app.user({ permissions: ['ASSIGN_ROLE'] });
    const create = async (token: string | undefined, roles: string[]) =>
      (await app.gql(CreateUserDocument, { input: { username: 'never made', password: PASSWORD, roles } }, token)).body;
    for (const roles of [[], [lesser]]) {
      expect(await create(creator.token, roles)).toEqual(forbidden('createUser', 'ASSIGN_ROLE'));
      expect(await create(assigner.token, roles)).toEqual(forbidden('createUser', 'CREATE_USER'));
      expect((await create(undefined, roles)).errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    }
  });

  test('roles in an update, and then nothing of the update is done', async () => {
    const user = await app.user();
    const ask: Ask = (who) =>
      app.gql(UpdateUserDocument, { input: { id: user.id, firstName: 'Changed', roles: [greater] } }, who);
    await onlyForAdministrators('updateUser', ask, async () => [
      await rolesOf(user.id)(),
      await toAccountState(user.id)(),
    ]);
  });
});

test('a role whose permissions the caller holds, but not the role, cannot be assigned: other services may check its name', async () => {
  const [user, role] = [await app.user(), await app.role(['READ_USERS'])];
  expect((await app.gql(AssignRoleDocument, { input: { userId: user.id, role } }, manager.token)).body).toEqual(
    forbidden('assignRole', needsAll),
  );
});

test('a role that other users hold is changed and deleted only by a caller who holds it', async () => {
  const role = await app.role(['READ_USERS']);
  await app.user({ roles: [role] });
  const input = { name: role, description: 'changed' };
  const change = (who: string) => app.gql(UpdateRoleDocument, { input }, who);
  const state = () => app.sql('select description from roles where name = $1', [role]);
  await onlyForAdministrators('updateRole', change, state);
  const remove = (who: string) => app.gql(DeleteRoleDocument, { input: { name: role } }, who);
  await onlyForAdministrators('deleteRole', remove, state);
});

describe('callers cannot revoke scopes that they lack:', () => {
  test('a permission of a role, of a role with more permissions, or the permission itself', async () => {
    for (const permission of ['READ_AUDIT_LOG', 'READ_USERS']) {
      const role = await app.role(['READ_USERS', 'READ_AUDIT_LOG']);
      await onlyForAdministrators(
        'revokePermission',
        (who) => app.gql(RevokePermissionDocument, { input: { role, permission } }, who),
        permissionsOf(role),
      );
    }
    const own = await app.data<{ createPermission: unknown }>(
      'mutation { createPermission(input: { name: "custom" }) { permission { name } } }',
      {},
      await app.admin(),
    );
    expect(own.createPermission).toEqual({ permission: { name: 'custom' } });
    await onlyForAdministrators(
      'deletePermission',
      (who) => app.gql(DeletePermissionDocument, { input: { name: 'custom' } }, who),
      () => app.sql("select name from permissions where name = 'custom'"),
    );
  });

  test('a role that carries more, deleted or described', async () => {
    const role = await app.role(['READ_AUDIT_LOG']);
    await onlyForAdministrators(
      'updateRole',
      (who) => app.gql(UpdateRoleDocument, { input: { name: role, description: 'x' } }, who),
      () => app.sql('select description from roles where name = $1', [role]),
    );
    await onlyForAdministrators(
      'deleteRole',
      (who) => app.gql(DeleteRoleDocument, { input: { name: role } }, who),
      () => app.sql('select name from roles where name = $1', [role]),
    );
  });

  test('a role from a user, or all of them', async () => {
    for (const role of [greater, lesser]) {
      const user = await app.user({ roles: [greater, lesser] });
      await onlyForAdministrators(
        'unassignRole',
        (who) => app.gql(UnassignRoleDocument, { input: { userId: user.id, role } }, who),
        rolesOf(user.id),
      );
    }
    const user = await app.user({ roles: [greater] });
    await onlyForAdministrators(
      'updateUser',
      (who) => app.gql(UpdateUserDocument, { input: { id: user.id, roles: [] } }, who),
      rolesOf(user.id),
    );
  });
});

describe('callers cannot change an account that holds scopes they lack', () => {
  const touches: [string, string, (id: string) => Ask][] = [
    [
      'its password',
      'updateUser',
      (id) => (who) => app.gql(UpdateUserDocument, { input: { id, password: 'taken over' } }, who),
    ],
    [
      'its e-mail address',
      'updateUser',
      (id) => (who) => app.gql(UpdateUserDocument, { input: { id, email: `mine-${id}@example.org` } }, who),
    ],
    ['its state, off', 'disableUser', (id) => (who) => app.gql(DisableUserDocument, { input: { id } }, who)],
    ['its state, on', 'enableUser', (id) => (who) => app.gql(EnableUserDocument, { input: { id } }, who)],
  ];
  test.each(touches)('%s', async (_what, field, touch) => {
    const { id } = await app.user({ roles: [greater] });
    await onlyForAdministrators(field, touch(id), toAccountState(id));
    const admin = await app.user({ roles: ['ADMIN'] });
    expect((await touch(admin.id)(manager.token)).body).toEqual(forbidden(field, needsAll));
  });

  test('nor deletes it', async () => {
    const eraser = await app.user({ permissions: ['DELETE_USER'] });
    const more = await app.user({ permissions: ['DELETE_USER', 'READ_USERS'] });
    const same = await app.user({ roles: eraser.tokens.scope.match(/TEAM\d+/g)! });
    expect((await app.gql(DeleteUserDocument, { input: { id: more.id } }, eraser.token)).body).toEqual(
      forbidden('deleteUser', needsAll),
    );
    expect(await app.outcome(MeDocument, {}, more.token)).toBe('ok');
    expect(await app.outcome(DeleteUserDocument, { input: { id: same.id } }, eraser.token)).toBe('ok');
  });

  test('but may correct a name or a telephone number', async () => {
    const { id } = await app.user({ roles: [greater] });
    const { updateUser } = await app.data(
      UpdateUserDocument,
      { input: { id, firstName: 'Right', phone: '123456' } },
      manager.token,
    );
    expect(updateUser!.user).toMatchObject({ firstName: 'Right', phone: '123456' });
  });

  test('but may change one that holds as much or less', async () => {
    for (const user of [await app.user(), await app.user({ roles: [lesser] })]) {
      for (const [, , touch] of touches)
        expect((await touch(user.id)(manager.token)).body).not.toHaveProperty('errors');
    }
  });
});

test('the scopes of the token count, not those of its owner: a narrow token grants nothing that it lacks', async () => {
  const admin = await app.user({ roles: ['ADMIN'] });
  const narrow = await foreignCompatToken({
    subject: admin.username,
    scope: 'ASSIGN_ROLE',
    issuedAt: app.clock.seconds,
  });
  const user = await app.user();
  expect((await app.gql(AssignRoleDocument, { input: { userId: user.id, role: lesser } }, narrow)).body).toEqual(
    forbidden('assignRole', needsAll),
  );
});

test('CREATE_PERMISSION alone replaces no permission that the caller lacks', async () => {
  const name = 'REPLACED';
  const create = (description: string, token: string) =>
    app.gql(CreatePermissionDocument, { input: { name, description, ifExists: 'REPLACE' } }, token);
  await create('theirs', await app.admin());
  const maker = await app.user({ permissions: ['CREATE_PERMISSION'] });
  expect((await create('mine', maker.token)).body).toEqual(
    forbidden('createPermission', 'every scope that is concerned, or ROLE_ADMIN'),
  );
  expect(await app.sql('select description from permissions where name = $1', [name])).toEqual([
    { description: 'theirs' },
  ]);
  const holder = await app.user({ permissions: ['CREATE_PERMISSION', name] });
  expect((await create('ours', holder.token)).body.data!.createPermission!.permission.description).toBe('ours');
});
