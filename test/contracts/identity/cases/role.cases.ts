import { forbidden, ok, type RestWorld, uncategorized } from '../../../support/rest';
import { type Case, casesOf } from './case';

const READ_USERS = { name: 'READ_USERS', description: 'List and read all users' };
const DELETE_USER = { name: 'DELETE_USER', description: 'Delete users' };
const name = (world: RestWorld) => world.unique('ROLE_OF_');
const roleName = 'A role name has 1 to 64 letters, digits and _ . : - and begins with a letter or digit';
const permissionName =
  'A permission name has 1 to 64 letters, digits and _ . : - begins with a letter or digit, and not with ROLE_';

const createRoleCases = casesOf('POST /roles', 'Roles 1', [
  {
    promise: 'answers the new role with its permissions',
    given: async (world) => ({
      token: await world.admin(),
      body: { name: name(world), description: 'For reading', permissions: ['READ_USERS', 'DELETE_USER'] },
    }),
    status: 200,
    body: ({ body }) =>
      ok({ name: (body as { name: string }).name, description: 'For reading', permissions: [DELETE_USER, READ_USERS] }),
    after: async (_world, answer) =>
      expect(Object.keys(answer.body.result)).toEqual(['name', 'description', 'permissions']),
  },
  {
    promise: 'takes a name alone',
    given: async (world) => ({ token: await world.admin(), body: { name: name(world) } }),
    status: 200,
    body: ({ body }) => ok({ name: (body as { name: string }).name, description: null, permissions: [] }),
  },
  {
    section: 'reading',
    promise: 'replaces a role that exists, so that the example can run twice',
    given: async (world) => {
      const [token, body] = [
        await world.admin(),
        { name: name(world), description: 'Before', permissions: ['DELETE_USER'] },
      ];
      await world.main.call('POST /roles', { token, body });
      return { token, body: { name: body.name, permissions: ['READ_USERS'] } };
    },
    status: 200,
    body: ({ body }) => ok({ name: (body as { name: string }).name, description: null, permissions: [READ_USERS] }),
  },
  {
    section: 'reading',
    promise: 'ignores members that it does not know',
    given: async (world) => ({
      token: await world.admin(),
      body: { name: name(world), id: 1, precedence: 'x', ifExists: 'REFUSE' },
    }),
    status: 200,
    body: ({ body }) => ok({ name: (body as { name: string }).name, description: null, permissions: [] }),
  },
  {
    section: 'reading',
    promise: 'lets a user put only permissions they hold into a role',
    given: async (world) => ({
      token: (await world.member({ permissions: ['CREATE_ROLE', 'UPDATE_ROLE'] })).token,
      body: { name: name(world), permissions: ['DELETE_USER'] },
    }),
    status: 403,
    body: forbidden,
  },
  {
    section: 'reading',
    promise: 'says 1001 of a permission that does not exist',
    shows: 'PERMISSION_NOT_FOUND',
    given: async (world) => ({
      token: await world.admin(),
      body: { name: name(world), permissions: ['NO_SUCH_PERMISSION'] },
    }),
    status: 400,
    body: uncategorized('permissions', 'There is no permission named "NO_SUCH_PERMISSION"'),
  },
  ...['', ' ', 'a b', 'x'.repeat(65), 'nul\0', 'ROLE\ud800', '../x'].map((bad) => ({
    section: 'reading',
    promise: `says 1001 of the name ${JSON.stringify(bad.slice(0, 10))}`,
    shows: 'VALIDATION_FAILED' as const,
    given: async (world: RestWorld) => ({ token: await world.admin(), body: { name: bad } }),
    status: 400,
    body: uncategorized('name', roleName),
  })),
  ...[{}, { name: null }].map((body) => ({
    section: 'reading',
    promise: `says 1001 without a name: ${JSON.stringify(body)}`,
    shows: 'MALFORMED_BODY' as const,
    given: async (world: RestWorld) => ({ token: await world.admin(), body }),
    status: 400,
    body: uncategorized('name', 'name is required'),
  })),
  {
    section: 'reading',
    promise: 'says 1001 of permissions that are no texts',
    given: async (world) => ({ token: await world.admin(), body: { name: name(world), permissions: [1] } }),
    status: 400,
    body: uncategorized('permissions', 'permissions must be an array of strings'),
  },
  {
    section: 'reading',
    promise: 'says 1001 of a description that cannot be kept',
    given: async (world) => ({ token: await world.admin(), body: { name: name(world), description: '\0' } }),
    status: 400,
    body: uncategorized('description', 'description holds characters that cannot be kept'),
  },
  {
    section: 'Error Codes',
    promise: 'says 1007 before it looks at the body',
    shows: 'FORBIDDEN',
    given: async (world) => ({ token: (await world.member()).token, raw: '{' }),
    status: 403,
    body: forbidden,
  },
]);

const listRolesCases = casesOf('GET /roles', 'Roles 2', [
  {
    promise: 'answers every role with its permissions',
    given: async (world) => ({ token: await world.admin() }),
    status: 200,
    body: ok(
      expect.arrayContaining([
        {
          name: 'ADMIN',
          description: expect.any(String),
          permissions: expect.arrayContaining([READ_USERS, DELETE_USER]),
        },
      ]),
    ),
    after: async (_world, answer) => {
      for (const role of answer.body.result) expect(Object.keys(role)).toEqual(['name', 'description', 'permissions']);
    },
  },
]);

const deleteRoleCases = casesOf('DELETE /roles/:role', 'Roles 3', [
  {
    promise: 'deletes a role, and its holders lose it at once',
    given: async (world) => {
      const role = await world.app.role(['READ_USERS']);
      const { token } = await world.member({ roles: [role] });
      return { params: { role, holder: token }, token: await world.admin() };
    },
    status: 200,
    body: ok(null),
    after: async (_world, _answer, { params }, channel) => {
      expect((await channel.call('GET /users', { token: params!.holder })).body).toEqual(forbidden);
      const { body } = await channel.call('GET /users/my-info', { token: params!.holder });
      expect(body.result.roles).toEqual([]);
    },
  },
  ...['NO_SUCH_ROLE', '%00', 'a%20b', '..%2Fusers', 'x'.repeat(3000)].map((role) => ({
    section: 'reading',
    promise: `succeeds for ${role.slice(0, 20)}, which does not exist`,
    given: async (world: RestWorld) => ({ params: { role }, token: await world.admin() }),
    status: 200,
    body: ok(null),
  })),
  {
    section: 'reading',
    promise: 'refuses to delete ADMIN',
    shows: 'ROLE_PROTECTED',
    given: async (world) => ({ params: { role: 'ADMIN' }, token: await world.admin() }),
    status: 403,
    body: forbidden,
  },
]);

const createPermissionCases = casesOf('POST /permissions', 'Permissions 1', [
  {
    promise: 'answers the new permission',
    given: async (world) => ({
      token: await world.admin(),
      body: { name: world.unique('CAN_'), description: 'Can do it' },
    }),
    status: 200,
    body: ({ body }) => ok({ name: (body as { name: string }).name, description: 'Can do it' }),
    after: async (_world, answer) => expect(Object.keys(answer.body.result)).toEqual(['name', 'description']),
  },
  {
    promise: 'takes a name alone',
    given: async (world) => ({ token: await world.admin(), body: { name: world.unique('CAN_') } }),
    status: 200,
    body: ({ body }) => ok({ name: (body as { name: string }).name, description: null }),
  },
  {
    section: 'reading',
    promise: 'replaces the description of one that exists, so that the example can run twice',
    given: async (world) => {
      const [token, permission] = [await world.admin(), world.unique('CAN_')];
      await world.main.call('POST /permissions', { token, body: { name: permission, description: 'Before' } });
      return { token, body: { name: permission, description: 'After' } };
    },
    status: 200,
    body: ({ body }) => ok({ name: (body as { name: string }).name, description: 'After' }),
  },
  ...['', 'ROLE_ADMIN', 'role_x', 'a b', 'x'.repeat(65), '\0', '\udfff'].map((bad) => ({
    section: 'reading',
    promise: `says 1001 of the name ${JSON.stringify(bad.slice(0, 10))}`,
    shows: 'VALIDATION_FAILED' as const,
    given: async (world: RestWorld) => ({ token: await world.admin(), body: { name: bad } }),
    status: 400,
    body: uncategorized('name', permissionName),
  })),
  {
    section: 'reading',
    promise: 'says 1001 without a name',
    shows: 'MALFORMED_BODY',
    given: async (world) => ({ token: await world.admin(), body: { description: 'x' } }),
    status: 400,
    body: uncategorized('name', 'name is required'),
  },
]);

const listPermissionsCases = casesOf('GET /permissions', 'Permissions 2', [
  {
    promise: 'answers every permission',
    given: async (world) => ({ token: await world.admin() }),
    status: 200,
    body: ok(expect.arrayContaining([READ_USERS, DELETE_USER])),
    after: async (_world, answer) => {
      for (const permission of answer.body.result) expect(Object.keys(permission)).toEqual(['name', 'description']);
    },
  },
]);

const deletePermissionCases = casesOf('DELETE /permissions/:permission', 'Permissions 3', [
  {
    promise: 'deletes a permission, and every role and token loses it at once',
    given: async (world) => {
      const [token, permission] = [await world.admin(), world.unique('CAN_')];
      await world.main.call('POST /permissions', { token, body: { name: permission } });
      const holder = (await world.member({ permissions: [permission] })).token;
      return { params: { permission, holder }, token };
    },
    status: 200,
    body: ok(null),
    after: async (_world, _answer, { params }, channel) => {
      const { body } = await channel.call('GET /users/my-info', { token: params!.holder });
      expect(body.result.roles[0].permissions).toEqual([]);
    },
  },
  ...['NO_SUCH_PERMISSION', '%00', '%F0%9F%98%80'].map((permission) => ({
    section: 'reading',
    promise: `succeeds for ${permission}, which does not exist`,
    given: async (world: RestWorld) => ({ params: { permission }, token: await world.admin() }),
    status: 200,
    body: ok(null),
  })),
]);

export const roleCases: Case[] = [
  ...createRoleCases,
  ...listRolesCases,
  ...deleteRoleCases,
  ...createPermissionCases,
  ...listPermissionsCases,
  ...deletePermissionCases,
];
