import {
  AssignRoleDocument,
  CreateUserDocument,
  DeletePermissionDocument,
  DeleteRoleDocument,
  DeleteUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  GrantPermissionDocument,
  IntrospectDocument,
  MeDocument,
  RefreshDocument,
  RevokePermissionDocument,
  UnassignRoleDocument,
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { forbidden, unauthenticated } from '../support/graphql-client';
import { compatToken, foreignCompatToken } from '../support/tokens';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const READ_USERS = '{ users(first: 1) { nodes { username } } }';
const readUsers = (token: string) => app.outcome(READ_USERS, {}, token);
const isLive = async (token: string) => (await app.outcome(MeDocument, {}, token)) === 'ok';

/** A user who may read users through one role, with a token of each kind, all in use. */
async function reader() {
  const role = await app.role(['READ_USERS']);
  const user = await app.user({ roles: [role] });
  const scope = user.tokens.scope;
  const of = { subject: user.username, scope, issuedAt: app.clock.seconds };
  const tokens = [user.token, await compatToken({ ...of, userId: user.id }), await foreignCompatToken(of)];
  for (const token of tokens) expect(await readUsers(token)).toBe('ok');
  return { ...user, role, tokens, refreshToken: user.tokens.refreshToken };
}
type Reader = Awaited<ReturnType<typeof reader>>;

describe('what is taken away is gone from live tokens of every kind with the next request, 403 and not 401:', () => {
  const takings: [string, (user: Reader, admin: string) => Promise<unknown>][] = [
    [
      'a role unassigned',
      ({ id, role }, admin) => app.data(UnassignRoleDocument, { input: { userId: id, role } }, admin),
    ],
    ['all roles replaced', ({ id }, admin) => app.data(UpdateUserDocument, { input: { id, roles: [] } }, admin)],
    [
      'a permission revoked from the role',
      ({ role }, admin) => app.data(RevokePermissionDocument, { input: { role, permission: 'READ_USERS' } }, admin),
    ],
    [
      'the role updated',
      ({ role }, admin) => app.data(UpdateRoleDocument, { input: { name: role, permissions: ['READ_ROLES'] } }, admin),
    ],
    ['the role deleted', ({ role }, admin) => app.data(DeleteRoleDocument, { input: { name: role } }, admin)],
  ];
  test.each(takings)('%s', async (_what, take) => {
    const user = await reader();
    await take(user, await app.admin());
    for (const token of user.tokens) {
      expect((await app.gql(READ_USERS, {}, token)).body).toEqual(forbidden('users', 'READ_USERS'));
      expect(await isLive(token)).toBe(true);
    }
  });

  test('the permission deleted', async () => {
    const own = await startApp();
    const user = await own.user({ permissions: ['READ_USERS'] });
    expect(await own.outcome(READ_USERS, {}, user.token)).toBe('ok');
    await own.data(DeletePermissionDocument, { input: { name: 'READ_USERS' } }, await own.admin());
    expect((await own.gql(READ_USERS, {}, user.token)).body).toEqual(forbidden('users', 'READ_USERS'));
    expect(await own.outcome(READ_USERS, {}, await own.admin())).toBe('ok');
    await own.close();
  });

  test('ADMIN unassigned: everything, also what the role does not name', async () => {
    const second = await app.user({ roles: ['ADMIN'] });
    expect(await readUsers(second.token)).toBe('ok');
    await app.data(UnassignRoleDocument, { input: { userId: second.id, role: 'ADMIN' } }, await app.admin());
    expect(await readUsers(second.token)).toBe('FORBIDDEN');
  });
});

describe('what is given again', () => {
  test('works with the old token, which was issued with it', async () => {
    const user = await reader();
    const change = { input: { userId: user.id, role: user.role } };
    await app.data(UnassignRoleDocument, change, await app.admin());
    await app.data(AssignRoleDocument, change, await app.admin());
    for (const token of user.tokens) expect(await readUsers(token)).toBe('ok');
  });

  test('a role of the same name that is made anew gives its holders nothing', async () => {
    const user = await reader();
    const admin = await app.admin();
    await app.data(DeleteRoleDocument, { input: { name: user.role } }, admin);
    await app.data(
      'mutation($n: String!) { createRole(input: { name: $n, permissions: ["READ_USERS"] }) { role { id } } }',
      { n: user.role },
      admin,
    );
    for (const token of user.tokens) expect(await readUsers(token)).toBe('FORBIDDEN');
  });
});

describe('what is given shows in the token after a refresh, not before:', () => {
  const givings: [string, (user: { id: string; role: string }, admin: string) => Promise<unknown>][] = [
    [
      'a permission granted to the role',
      ({ role }, admin) =>
        app.data(GrantPermissionDocument, { input: { role, permission: 'READ_PERMISSIONS' } }, admin),
    ],
    [
      'another role assigned',
      async ({ id }, admin) =>
        app.data(AssignRoleDocument, { input: { userId: id, role: await app.role(['READ_PERMISSIONS']) } }, admin),
    ],
    [
      'ADMIN assigned',
      ({ id }, admin) => app.data(AssignRoleDocument, { input: { userId: id, role: 'ADMIN' } }, admin),
    ],
  ];
  test.each(givings)('%s', async (_what, give) => {
    const user = await reader();
    await give(user, await app.admin());
    const ask = (token: string) => app.outcome('{ permissions { name } }', {}, token);
    expect(await ask(user.token)).toBe('FORBIDDEN');
    expect(await readUsers(user.token)).toBe('ok');
    const { refresh } = await app.data(RefreshDocument, { input: { refreshToken: user.refreshToken } });
    expect(await ask(refresh!.tokens.accessToken)).toBe('ok');
    await app.data(UnassignRoleDocument, { input: { userId: user.id, role: 'ADMIN' } }, await app.admin());
  });
});

describe('an account that is', () => {
  test('disabled has no valid token; enabled again, old tokens stay invalid and a new login works', async () => {
    const user = await reader();
    const input = { id: user.id };
    await app.data(DisableUserDocument, { input }, await app.admin());
    for (const token of user.tokens) expect((await app.gql(MeDocument, {}, token)).body).toEqual(unauthenticated('me'));
    await app.data(EnableUserDocument, { input }, await app.admin());
    for (const token of user.tokens) {
      expect((await app.gql(MeDocument, {}, token)).body).toEqual(unauthenticated('me'));
      expect((await app.data(IntrospectDocument, { input: { token } }, await app.admin())).introspect).toMatchObject({
        active: false,
      });
    }
    expect(await readUsers((await app.login(user.username)).accessToken)).toBe('ok');
  });

  test('deleted has no valid token; a new account of the name inherits nothing', async () => {
    const user = await reader();
    await app.data(DeleteUserDocument, { input: { id: user.id } }, await app.admin());
    for (const token of user.tokens) expect((await app.gql(MeDocument, {}, token)).body).toEqual(unauthenticated('me'));
    app.clock.advance(2);
    const { createUser } = await app.data(
      CreateUserDocument,
      { input: { username: user.username, password: PASSWORD, roles: [user.role] } },
      await app.admin(),
    );
    for (const token of user.tokens) expect((await app.gql(MeDocument, {}, token)).body).toEqual(unauthenticated('me'));
    expect(createUser!.user.id).not.toBe(user.id);
    expect(await isLive((await app.login(user.username)).accessToken)).toBe(true);
  });

  test('renamed: not possible, so that a token never passes to another account', async () => {
    const user = await app.user();
    const { body } = await app.gql(
      'mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { username } } }',
      { input: { id: user.id, username: 'another' } },
      await app.admin(),
    );
    expect(body.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});

test('a token never has more than it was issued with, whatever the account holds', async () => {
  const user = await app.user({ permissions: ['READ_USERS', 'READ_ROLES'] });
  const narrow = await foreignCompatToken({ subject: user.username, scope: 'READ_ROLES', issuedAt: app.clock.seconds });
  const none = await foreignCompatToken({ subject: 'admin', scope: '', issuedAt: app.clock.seconds });
  const claimed = await foreignCompatToken({
    subject: user.username,
    scope: 'ROLE_ADMIN DELETE_USER',
    issuedAt: app.clock.seconds,
  });
  expect([await readUsers(narrow), await app.outcome('{ roles { name } }', {}, narrow)]).toEqual(['FORBIDDEN', 'ok']);
  expect([await isLive(none), await readUsers(none)]).toEqual([true, 'FORBIDDEN']);
  expect([await isLive(claimed), await readUsers(claimed)]).toEqual([true, 'FORBIDDEN']);
});
