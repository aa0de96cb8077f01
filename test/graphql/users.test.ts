import {
  AssignRoleDocument,
  CreateUserDocument,
  type CreateUserInput,
  DeleteUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  MeDocument,
  UnassignRoleDocument,
  UpdateUserDocument,
  type UpdateUserInput,
  UserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { forbidden, refused } from '../support/graphql-client';
import { NOBODY } from '../support/minimal-operation';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const create = async (input: Partial<CreateUserInput>, token?: string) =>
  (await app.gql(CreateUserDocument, { input: { username: 'somebody', password: PASSWORD, ...input } }, token)).body;
const update = async (input: UpdateUserInput, token: string) =>
  (await app.gql(UpdateUserDocument, { input }, token)).body;
const noSuchUser = (field: string) => refused(field, 'USER_NOT_FOUND', 'No such user');
const yearsAgo = (years: number, days = 0) => {
  const date = app.clock.now();
  date.setUTCFullYear(date.getUTCFullYear() - years);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
};
const problem = (
  field: string,
  code: Parameters<typeof refused>[1],
  member: string,
  message: string,
  params: object = {},
) => refused(field, code, message, { ...params, field: member, problems: [{ field: member, message }] });

describe('updateUser', () => {
  test('changes what is named, empties on "" or null, and leaves the rest', async () => {
    const user = await app.user({ email: 'update@example.org' });
    await update(
      { id: user.id, firstName: 'First', lastName: 'Last', phone: '1234567', dob: '1990-01-01' },
      user.token,
    );
    const body = await update({ id: user.id, firstName: '', lastName: null, phone: '7654321' }, user.token);
    expect(body).toEqual({
      data: {
        updateUser: {
          user: {
            id: user.id,
            username: user.username,
            firstName: null,
            lastName: null,
            phone: '7654321',
            dob: '1990-01-01',
            email: 'update@example.org',
            roles: [],
          },
        },
      },
    });
    expect((await app.data(MeDocument, {}, user.token)).me).toEqual(body.data!.updateUser!.user);
  });

  test('keeps the limits of a registration, and wants eighteen years', async () => {
    const { id, token } = await app.user();
    expect(await update({ id, dob: yearsAgo(18, 1) }, token)).toEqual(
      problem('updateUser', 'AGE_TOO_LOW', 'dob', 'Your age must be at least 18', { min: 18 }),
    );
    expect(await update({ id, phone: '1' }, token)).toEqual(
      problem('updateUser', 'VALIDATION_FAILED', 'phone', 'Phone must be 6 to 20 characters'),
    );
    expect(await update({ id, email: 'no address' }, token)).toEqual(
      problem('updateUser', 'VALIDATION_FAILED', 'email', 'E-mail must be a valid address such as name@example.org'),
    );
  });

  test("does not set the caller's own password without the current one", async () => {
    const { id, token } = await app.user();
    const message = 'Change your own password with changePassword, which takes the current one';
    expect(await update({ id, password: 'another one' }, token)).toEqual(
      problem('updateUser', 'VALIDATION_FAILED', 'password', message),
    );
    const admin = await app.admin();
    const { me } = await app.data(MeDocument, {}, admin);
    expect(await update({ id: me!.id, password: 'another one' }, admin)).toEqual(
      problem('updateUser', 'VALIDATION_FAILED', 'password', message),
    );
  });

  test('an address that changes has to be verified again, another case of it has not', async () => {
    const user = await app.user({ email: 'verified@example.org' });
    await app.sql('update users set is_verified = true where id = $1', [user.id]);
    const verified = async () =>
      (await app.data<{ me: { isVerified: boolean } }>('{ me { isVerified } }', {}, user.token)).me.isVerified;
    await update({ id: user.id, email: 'Verified@Example.org', currentPassword: PASSWORD }, user.token);
    expect(await verified()).toBe(true);
    await update({ id: user.id, email: 'another@example.org', currentPassword: PASSWORD }, user.token);
    expect(await verified()).toBe(false);
  });

  test('replaces the roles for a caller with the scope, and not for the user themselves', async () => {
    const [one, two] = [await app.role(), await app.role()];
    const user = await app.user({ roles: [one] });
    expect(await update({ id: user.id, roles: [two] }, user.token)).toEqual(forbidden('updateUser', 'ASSIGN_ROLE'));
    expect(await update({ id: user.id, roles: [] }, user.token)).toEqual(forbidden('updateUser', 'ASSIGN_ROLE'));
    const body = await update({ id: user.id, roles: [two, two] }, await app.admin());
    expect(body.data!.updateUser!.user!.roles.map(({ name }) => name)).toEqual([two]);
    expect((await update({ id: user.id, roles: null }, await app.admin())).data!.updateUser!.user!.roles).toHaveLength(
      1,
    );
    expect(await update({ id: user.id, roles: ['NO_SUCH_ROLE'], firstName: 'changed' }, await app.admin())).toEqual(
      refused('updateUser', 'ROLE_NOT_FOUND', 'There is no role named "NO_SUCH_ROLE"', { name: 'NO_SUCH_ROLE' }),
    );
    expect((await app.data(MeDocument, {}, user.token)).me).toMatchObject({ firstName: null, roles: [{ name: two }] });
  });

  test('another user takes UPDATE_USER, whatever is changed', async () => {
    const [user, stranger] = [await app.user(), await app.user()];
    const editor = await app.user({ permissions: ['UPDATE_USER'] });
    expect(await update({ id: user.id, firstName: 'x' }, stranger.token)).toEqual(
      forbidden('updateUser', 'UPDATE_USER'),
    );
    expect(await update({ id: user.id, firstName: 'x' }, editor.token)).toEqual({
      data: { updateUser: { user: null } },
    });
    expect((await app.data(MeDocument, {}, user.token)).me!.firstName).toBe('x');
  });
});

describe('a user who does not exist', () => {
  test.each([NOBODY, 'no id', '', '1', NOBODY.toUpperCase(), '\0', '\ud800'])(
    'of id %j is not found by any operation',
    async (id) => {
      const admin = await app.admin();
      const role = 'ADMIN';
      expect((await app.gql(UserDocument, { id }, admin)).body).toEqual(noSuchUser('user'));
      expect((await app.gql(DeleteUserDocument, { input: { id } }, admin)).body).toEqual(noSuchUser('deleteUser'));
      expect((await app.gql(DisableUserDocument, { input: { id } }, admin)).body).toEqual(noSuchUser('disableUser'));
      expect((await app.gql(EnableUserDocument, { input: { id } }, admin)).body).toEqual(noSuchUser('enableUser'));
      expect((await app.gql(AssignRoleDocument, { input: { userId: id, role } }, admin)).body).toEqual(
        noSuchUser('assignRole'),
      );
      expect((await app.gql(UnassignRoleDocument, { input: { userId: id, role } }, admin)).body).toEqual(
        noSuchUser('unassignRole'),
      );
      expect(await update({ id, firstName: 'x' }, admin)).toEqual(noSuchUser('updateUser'));
    },
  );
});

describe('deleteUser', () => {
  test('removes the account and all that belongs to it; the name is free again, the past stays', async () => {
    const user = await app.user({ username: 'Leaving', email: 'leaving@example.org' });
    expect(await app.data(DeleteUserDocument, { input: { id: user.id } }, await app.admin())).toEqual({
      deleteUser: { ok: true, id: user.id },
    });
    expect((await app.gql(UserDocument, { id: user.id }, await app.admin())).body).toEqual(noSuchUser('user'));
    for (const table of ['sessions', 'refresh_tokens', 'user_roles', 'user_profiles', 'one_time_codes'])
      expect(await app.sql(`select 1 from ${table} where user_id = $1`, [user.id])).toEqual([]);
    expect(await app.sql('select action from audit_events where target_id = $1 order by id', [user.id])).toEqual([
      { action: 'user.created' },
      { action: 'user.deleted' },
    ]);
    const again = await create({ username: 'leaving', email: 'LEAVING@example.org' });
    expect(again.data!.createUser!.user.id).not.toBe(user.id);
  });

  test('twice: the second time there is no such user', async () => {
    const { id } = await app.user();
    const answers = await Promise.all(
      [1, 2, 3].map(async () => app.outcome(DeleteUserDocument, { input: { id } }, await app.admin())),
    );
    expect(answers.sort()).toEqual(['USER_NOT_FOUND', 'USER_NOT_FOUND', 'ok']);
  });
});

test('disableUser and enableUser return the user as they are now, and may be repeated', async () => {
  const { id } = await app.user();
  const flip = 'mutation($input: UserIdInput!) { FIELD(input: $input) { user { id isActive } } }';
  for (const [field, isActive] of [
    ['disableUser', false],
    ['disableUser', false],
    ['enableUser', true],
    ['enableUser', true],
  ] as const) {
    expect(await app.data(flip.replace('FIELD', field), { input: { id } }, await app.admin())).toEqual({
      [field]: { user: { id, isActive } },
    });
  }
});
