import {
  GrantPermissionDocument,
  MeDocument,
  RevokePermissionDocument,
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { forbidden } from '../support/graphql-client';

/**
 * What is in the database is the truth, from whichever client: another process of this service, or an
 * administrator in psql.
 */
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const READ_USERS = '{ users(first: 1) { nodes { username } } }';
const give = (role: string, permission: string) =>
  app.sql(
    'insert into role_permissions (role_id, permission_id) select r.id, p.id from roles r, permissions p where r.name = $1 and p.name = $2',
    [role, permission],
  );

const answers = (outcome: string, ask: () => Promise<string>) =>
  eventually(outcome, async () => (await ask()) === outcome);

describe('live tokens lose at once what plain SQL takes away:', () => {
  const changes: [string, string, (user: { id: string; role: string }) => unknown[]][] = [
    [
      'the permission of a role',
      'delete from role_permissions where role_id = (select id from roles where name = $1)',
      ({ role }) => [role],
    ],
    ['the role of a user', 'delete from user_roles where user_id = $1', ({ id }) => [id]],
    ['the role itself', 'delete from roles where name = $1', ({ role }) => [role]],
    [
      'the name of the role’s permission',
      "update role_permissions set permission_id = (select id from permissions where name = 'READ_ROLES') where role_id = (select id from roles where name = $1)",
      ({ role }) => [role],
    ],
  ];
  test.each(changes)('%s', async (_what, sql, values) => {
    const role = await app.role(['READ_USERS']);
    const user = await app.user({ roles: [role] });
    expect(await app.outcome(READ_USERS, {}, user.token)).toBe('ok');
    await app.sql(sql, values({ id: user.id, role }));
    await answers('FORBIDDEN', () => app.outcome(READ_USERS, {}, user.token));
  });

  const ends: [string, string][] = [
    ['the account, disabled', 'update users set is_active = false where id = $1'],
    ['the account, deleted', 'delete from users where id = $1'],
    ['its sessions, revoked', 'update sessions set revoked_at = now() where user_id = $1'],
  ];
  test.each(ends)('%s', async (_what, sql) => {
    const user = await app.user();
    expect(await app.outcome(MeDocument, {}, user.token)).toBe('ok');
    await app.sql(sql, [user.id]);
    await answers('UNAUTHENTICATED', () => app.outcome(MeDocument, {}, user.token));
  });

  test('everything, when tables are emptied', async () => {
    const own = await startApp();
    const user = await own.user({ permissions: ['READ_USERS'] });
    expect(await own.outcome(READ_USERS, {}, user.token)).toBe('ok');
    await own.sql('truncate user_roles');
    await answers('FORBIDDEN', () => own.outcome(READ_USERS, {}, user.token));
    await own.sql('truncate users cascade');
    await answers('UNAUTHENTICATED', () => own.outcome(MeDocument, {}, user.token));
    await own.close();
  });
});

test('what plain SQL gives is there after a refresh of the token, and in the answers at once', async () => {
  const role = await app.role();
  const user = await app.user({ roles: [role] });
  await give(role, 'READ_USERS');
  const { accessToken } = await app.login(user.username);
  expect(await app.outcome(READ_USERS, {}, accessToken)).toBe('ok');
  const { me } = await app.data(MeDocument, {}, accessToken);
  expect(me!.roles[0]!.permissions.map(({ name }) => name)).toEqual(['READ_USERS']);
});

describe('a change by another process is seen, also where this one wrote before:', () => {
  test('a change back to an earlier value is a change', async () => {
    const user = await app.user();
    const rename = (firstName: string) =>
      app.data(UpdateUserDocument, { input: { id: user.id, firstName } }, user.token);
    await rename('One');
    await app.sql("update users set first_name = 'Two' where id = $1", [user.id]);
    expect((await rename('One')).updateUser!.user!.firstName).toBe('One');
    expect(await app.sql('select first_name from users where id = $1', [user.id])).toEqual([{ first_name: 'One' }]);
  });

  test('changing a role is authorized by the permissions that it has now', async () => {
    const manager = await app.user({ permissions: ['GRANT_PERMISSION', 'UPDATE_ROLE', 'READ_USERS'] });
    const role = await app.role(['READ_USERS']);
    const change = { input: { role, permission: 'READ_USERS' } };
    expect(await app.outcome(RevokePermissionDocument, change, manager.token)).toBe('ok');
    expect(await app.outcome(GrantPermissionDocument, change, manager.token)).toBe('ok');
    await give(role, 'DELETE_USER');
    const needs = 'every scope that is concerned, or ROLE_ADMIN';
    expect((await app.gql(RevokePermissionDocument, change, manager.token)).body).toEqual(
      forbidden('revokePermission', needs),
    );
    expect((await app.gql(UpdateRoleDocument, { input: { name: role, permissions: [] } }, manager.token)).body).toEqual(
      forbidden('updateRole', needs),
    );
  });

  test('a role gets exactly the permissions that are wanted, whatever it had in between', async () => {
    const role = await app.role(['READ_USERS']);
    await give(role, 'DELETE_USER');
    const { updateRole } = await app.data(
      UpdateRoleDocument,
      { input: { name: role, permissions: ['READ_USERS'] } },
      await app.admin(),
    );
    expect(updateRole!.role.permissions.map(({ name }) => name)).toEqual(['READ_USERS']);
  });
});
