import { ADMIN } from '../../../support/app';
import {
  AN_ID,
  failed,
  forbidden,
  type Loose,
  ok,
  type RestWorld,
  type Sent,
  uncategorized,
  userExisted,
  userJson,
  userNotExisted,
} from '../../../support/rest';
import { bornAgo } from './birth-dates';
import { type Case, casesOf } from './case';

const NOBODY = '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47';
const PASSWORD = 'password123';

const person = { firstName: 'John', lastName: 'Doe', phone: '0123456789', dob: '2000-01-01' };

/** A complete body of the contract's example with an own name and address. */
const registration = (world: RestWorld, over: object = {}) => {
  const username = world.unique('newuser');
  return { username, password: PASSWORD, ...person, email: `${username}@example.com`, ...over };
};
const created = ({ body }: Sent) => {
  const { password: _password, role, ...rest } = body as Record<string, string>;
  const roles = role ? [{ name: role, description: null, permissions: [] }] : [];
  return ok(userJson({ ...rest, roles }));
};

const usernameShort = failed(1003, 'Username must be at least 4 characters');
const passwordShort = failed(1004, 'Password must be at least 6 characters');
const ageLow = (min: number) => failed(1008, `Your age must be at least ${min}`);
const badPhone = uncategorized('phone', 'Phone must be 6 to 20 characters');
const badEmail = uncategorized('email', 'E-mail must be a valid address such as name@example.org');
const badDate = uncategorized('dob', 'Date of birth must be a date such as 2000-01-31');

/** Members of the body over those of a complete one. */
type Over = object | ((world: RestWorld) => object | Promise<object>);
const overOf = (over: Over, world: RestWorld) =>
  typeof over === 'function' ? (over as (world: RestWorld) => object)(world) : over;

type Partial = Omit<Case, 'route' | 'section'> & { section?: string };

/** What holds for a new user, registered or created by an administrator. `registers` makes the rest of the request. */
function creation(registers: (world: RestWorld, over: object) => Promise<Sent> | Sent): Partial[] {
  const takes = (promise: string, over: Over): Partial => ({
    section: 'Notes 4',
    promise: `takes ${promise}`,
    given: async (world) => registers(world, await overOf(over, world)),
    status: 200,
    body: created,
  });
  const refuses = (promise: string, over: Over, body: object, shows?: Case['shows']): Partial => ({
    section: 'Notes 4',
    promise: `refuses ${promise}`,
    ...(shows && { shows }),
    given: async (world) => registers(world, await overOf(over, world)),
    status: 400,
    body,
  });
  return [
    {
      promise: 'answers the new user, who can log in',
      given: (world) => registers(world, {}),
      status: 200,
      body: created,
      after: async (world, _answer, sent) => {
        const { username } = sent.body as { username: string };
        expect(await world.login(username, PASSWORD)).toEqual(expect.any(String));
      },
    },
    {
      promise: 'takes name and password alone',
      given: async (world) => {
        const sent = await registers(world, {});
        const { username, password } = sent.body as Record<string, string>;
        const { role } = sent.body as { role?: string };
        return { ...sent, body: { username, password, ...(role && { role }) } };
      },
      status: 200,
      body: created,
    },
    {
      section: 'reading',
      promise: 'takes null and empty texts for what is not given',
      given: (world) => registers(world, { firstName: null, lastName: '', email: '', phone: null, dob: '' }),
      status: 200,
      body: (sent) => {
        const { username, role } = sent.body as { username: string; role?: string };
        return ok(userJson({ username, roles: role ? [{ name: role, description: null, permissions: [] }] : [] }));
      },
    },
    {
      section: 'reading',
      promise: 'ignores members that it does not know',
      given: (world) =>
        registers(world, { id: NOBODY, isActive: false, ['__proto__']: { x: 1 }, constructor: 7, roles: ['ADMIN'] }),
      status: 200,
      body: (sent) => {
        const {
          id: _id,
          isActive: _active,
          ['__proto__']: _proto,
          constructor: _constructor,
          roles: _roles,
          ...rest
        } = sent.body as Loose;
        return created({ body: rest });
      },
    },

    refuses('a name of 3 characters', { username: 'abc' }, usernameShort, 'USERNAME_TOO_SHORT'),
    takes('a name of 4 characters', (world) => ({ username: fourCharacters(world) })),
    refuses('a name of 3 characters that are 6 UTF-16 units', { username: '😀😀😀' }, usernameShort),
    takes('a name of 4 characters outside the first plane', (world) => ({
      username: `😀${fourCharacters(world).slice(0, 3)}`,
    })),
    refuses('no name', { username: null }, usernameShort),
    refuses('an empty name', { username: '' }, usernameShort),
    refuses(
      'a name that begins with a space',
      { username: ' spaced' },
      uncategorized('username', 'Username must not begin or end with a space, nor hold control characters'),
    ),
    refuses(
      'a name with NUL',
      { username: 'nul\0name' },
      uncategorized('username', 'Username must not begin or end with a space, nor hold control characters'),
    ),
    refuses(
      'a name with half a character',
      { username: 'half\ud83dname' },
      uncategorized('username', 'Username must not begin or end with a space, nor hold control characters'),
    ),
    refuses(
      'a name of 256 characters',
      { username: 'n'.repeat(256) },
      uncategorized('username', 'Username must be at most 255 characters'),
    ),

    refuses('a password of 5 characters', { password: 'five5' }, passwordShort, 'PASSWORD_TOO_SHORT'),
    takes('a password of 6 characters', { password: 'six666' }),
    refuses('a password of 5 characters that are 10 UTF-16 units', { password: '😀😀😀😀😀' }, passwordShort),
    takes('a password of 6 characters outside the first plane', { password: '😀😀😀😀😀😀' }),
    refuses('no password', { password: null }, passwordShort),
    refuses(
      'a password with half a character',
      { password: 'half\udc00 of it' },
      uncategorized('password', 'Password holds characters that are not valid Unicode'),
    ),

    refuses(
      'a first name with NUL',
      { firstName: 'a\0b' },
      uncategorized('firstName', 'firstName holds characters that cannot be kept'),
    ),
    refuses(
      'a last name with half a character',
      { lastName: '\ud800' },
      uncategorized('lastName', 'lastName holds characters that cannot be kept'),
    ),

    refuses('a phone number of 5 characters', { phone: '12345' }, badPhone, 'VALIDATION_FAILED'),
    takes('a phone number of 6 characters', { phone: '123456' }),
    takes('a phone number of 20 characters', { phone: '1'.repeat(20) }),
    refuses('a phone number of 21 characters', { phone: '1'.repeat(21) }, badPhone),

    ...[
      'plain',
      '@example.com',
      'a@',
      'a b@example.com',
      'a@b@example.com',
      'a@exa mple.com',
      'a@example..com',
      `${'a'.repeat(250)}@b.vn`,
    ].map((email) => refuses(`the e-mail address ${email.slice(0, 20)}`, { email }, badEmail)),
    takes('an e-mail address with a tag', (world) => ({ email: `${world.unique('a')}+tag@example.com` })),
    takes('an e-mail address of a machine without dots', (world) => ({ email: `${world.unique('a')}@localhost` })),

    refuses(
      'an age of 9 years and 364 days',
      (world) => ({ dob: bornAgo(world.app.clock.now(), 10, +1) }),
      ageLow(10),
      'AGE_TOO_LOW',
    ),
    takes('an age of 10 years to the day', (world) => ({ dob: bornAgo(world.app.clock.now(), 10) })),
    refuses('a date of birth in the future', { dob: '2999-01-01' }, ageLow(10)),
    ...[
      '2000-02-30',
      '2001-02-29',
      '01/01/2000',
      '2000-1-1',
      '2000-01-01T00:00:00Z',
      'yesterday',
      '0000-01-01',
      ' 2000-01-01',
    ].map((dob) => refuses(`the date of birth ${dob}`, { dob }, badDate)),
    takes('the 29th of February of a leap year', { dob: '2000-02-29' }),

    refuses(
      'a name that is taken',
      async (world) => ({ username: (await world.member()).username }),
      userExisted,
      'USERNAME_TAKEN',
    ),
    refuses('a name that is taken in another case', () => ({ username: ADMIN.username.toUpperCase() }), userExisted),
    refuses(
      'an e-mail address that is taken',
      async (world) => ({ email: (await world.member()).email }),
      userExisted,
      'EMAIL_TAKEN',
    ),
    refuses(
      'an e-mail address that is taken in another case',
      async (world) => ({ email: (await world.member()).email.toUpperCase() }),
      userExisted,
    ),

    refuses(
      'everything at once with the code of the first member of the body',
      { username: 'abc', password: 'five5', email: 'plain', phone: '1', dob: '2999-01-01' },
      failed(1003, 'Username must be at least 4 characters', [
        { field: 'username', message: 'Username must be at least 4 characters' },
        { field: 'password', message: 'Password must be at least 6 characters' },
        { field: 'email', message: 'E-mail must be a valid address such as name@example.org' },
        { field: 'phone', message: 'Phone must be 6 to 20 characters' },
        { field: 'dob', message: 'Your age must be at least 10' },
      ]),
    ),
    refuses(
      'password before e-mail address',
      { password: 'five5', email: 'plain' },
      failed(1004, 'Password must be at least 6 characters', [
        { field: 'password', message: 'Password must be at least 6 characters' },
        { field: 'email', message: 'E-mail must be a valid address such as name@example.org' },
      ]),
    ),
    refuses('a short password before a taken name', { username: ADMIN.username, password: 'five5' }, passwordShort),
    ...['username', 'password', 'firstName', 'lastName', 'email', 'phone', 'dob'].map((field) => ({
      section: 'reading',
      promise: `says 1001 when ${field} is a number`,
      given: (world: RestWorld) => registers(world, { [field]: 12_345_678 }),
      status: 400,
      body: uncategorized(field, `${field} must be a string`),
      shows: 'MALFORMED_BODY' as const,
    })),
  ];
}

const fourCharacters = (world: RestWorld): string => `${world.unique('').replace('x', '')}wxyz`.slice(0, 4);

const registerCases = casesOf('POST /users', 'Users 1', [
  ...creation((world, over) => ({ body: registration(world, over) })),
  {
    section: 'reading',
    promise: 'ignores a bearer token, whatever it is',
    given: (world) => ({ body: registration(world), token: 'garbage' }),
    status: 200,
    body: created,
  },
  {
    section: 'reading',
    promise: 'gives a new user no role, not even the requested one',
    given: async (world) => ({
      body: { ...registration(world), roles: ['ADMIN'], role: 'ADMIN' },
      token: await world.admin(),
    }),
    status: 200,
    body: ({ body }) => created({ body: { ...(body as object), role: undefined, roles: undefined } }),
  },
]);

const role = async (world: RestWorld): Promise<string> => world.app.role();

const adminUserCases = casesOf('POST /users/admin/users', 'beyond', [
  ...creation(async (world, over) => ({
    body: { ...registration(world), role: await role(world), ...over },
    token: await world.admin(),
  })),
  {
    promise: 'makes a user without a role when none is named',
    given: async (world) => ({ body: registration(world), token: await world.admin() }),
    status: 200,
    body: created,
  },
  {
    promise: 'lets those do it who may create users and give roles, and hold the role',
    given: async (world) => {
      const held = await role(world);
      const { token } = await world.member({ roles: [held], permissions: ['CREATE_USER', 'ASSIGN_ROLE'] });
      return { body: { ...registration(world), role: held }, token };
    },
    status: 200,
    body: created,
  },
  {
    promise: 'refuses a role that carries more than its giver has',
    given: async (world) => ({
      body: { ...registration(world), role: 'ADMIN' },
      token: (await world.member({ permissions: ['CREATE_USER', 'ASSIGN_ROLE'] })).token,
    }),
    status: 403,
    body: forbidden,
  },
  {
    promise: 'says 1001 of a role that does not exist',
    shows: 'ROLE_NOT_FOUND',
    given: async (world) => ({ body: { ...registration(world), role: 'NO_SUCH_ROLE' }, token: await world.admin() }),
    status: 400,
    body: uncategorized('roles', 'There is no role named "NO_SUCH_ROLE"'),
  },
]);

const listCases = casesOf('GET /users', 'Users 2', [
  {
    promise: 'answers every user with roles and permissions',
    given: async (world) => ({ token: await world.admin() }),
    status: 200,
    body: ok(
      expect.arrayContaining([
        expect.objectContaining({ username: 'admin', roles: [expect.objectContaining({ name: 'ADMIN' })] }),
      ]),
    ),
    after: async (world, answer) => {
      const [{ count }] = (await world.app.sql<{ count: string }>('select count(*) from users')) as [{ count: string }];
      expect(answer.body.result).toHaveLength(Number(count));
      for (const user of answer.body.result) expect(Object.keys(user)).toEqual(USER_MEMBERS);
      expect(Object.keys(answer.body.result.find((u: { roles: unknown[] }) => u.roles.length > 0).roles[0])).toEqual(
        ROLE_MEMBERS,
      );
    },
  },
  {
    promise: 'takes a Content-Type without a body, which is what the example sends',
    given: async (world) => ({ token: await world.admin(), headers: { 'content-type': 'application/json' } }),
    status: 200,
    body: ok(expect.any(Array)),
  },
  {
    promise: 'lets those read it who may',
    given: async (world) => ({ token: (await world.member({ permissions: ['READ_USERS'] })).token }),
    status: 200,
    body: ok(expect.any(Array)),
  },
]);

const USER_MEMBERS = ['id', 'username', 'firstName', 'lastName', 'dob', 'email', 'phone', 'roles'];
const ROLE_MEMBERS = ['name', 'description', 'permissions'];

const myInfoCases = casesOf('GET /users/my-info', 'Users 4', [
  {
    promise: 'answers the user whose token it is, in the order of the contract',
    given: async (world) => ({ token: (await world.member()).token }),
    status: 200,
    body: ok(userJson({ username: expect.stringMatching(/^member/), email: expect.stringContaining('@') })),
    after: async (_world, answer) => expect(Object.keys(answer.body.result)).toEqual(USER_MEMBERS),
  },
  {
    promise: 'shows roles with their permissions',
    given: async (world) => ({ token: (await world.member({ permissions: ['READ_USERS'] })).token }),
    status: 200,
    body: ok(
      expect.objectContaining({
        roles: [
          {
            name: expect.stringMatching(/^TEAM/),
            description: null,
            permissions: [{ name: 'READ_USERS', description: 'List and read all users' }],
          },
        ],
      }),
    ),
  },
  {
    promise: 'takes a Content-Type without a body, which is what the example sends',
    given: async (world) => ({ token: await world.admin(), headers: { 'content-type': 'application/json' } }),
    status: 200,
    body: ok(expect.objectContaining({ username: 'admin' })),
  },
]);

const getCases = casesOf('GET /users/:userId', 'Users 3', [
  {
    promise: 'lets a user read their own account',
    given: async (world) => {
      const { id, token } = await world.member();
      return { params: { userId: id }, token };
    },
    status: 200,
    body: ok(userJson({ username: expect.any(String), email: expect.any(String) })),
    after: async (_world, answer) => expect(Object.keys(answer.body.result)).toEqual(USER_MEMBERS),
  },
  {
    promise: 'lets an administrator read every user',
    given: async (world) => ({ params: { userId: (await world.member()).id }, token: await world.admin() }),
    status: 200,
    body: ok(userJson({ id: AN_ID, username: expect.any(String), email: expect.any(String) })),
  },
  {
    section: 'Error Codes',
    promise: 'refuses to show a user another user',
    given: async (world) => ({ params: { userId: (await world.member()).id }, token: (await world.member()).token }),
    status: 403,
    body: forbidden,
  },
  {
    section: 'reading',
    promise: 'does not tell those who may not read others whether there is a user',
    shows: 'FORBIDDEN',
    given: async (world) => ({ params: { userId: NOBODY }, token: (await world.member()).token }),
    status: 403,
    body: forbidden,
  },
  ...[NOBODY, 'no-uuid', '1', '%00', "'%20or%201=1", '%F0%9F%98%80', 'x'.repeat(2000)].map((userId) => ({
    promise: `says 1005 of ${userId.slice(0, 40)}`,
    shows: 'USER_NOT_FOUND' as const,
    given: async (world: RestWorld) => ({ params: { userId }, token: await world.admin() }),
    status: 404,
    body: userNotExisted,
  })),
]);

const deleteCases = casesOf('DELETE /users/:userId', 'Users 6', [
  {
    promise: 'deletes a user, whose token is dead at once',
    given: async (world) => {
      const { id, token } = await world.member();
      return { params: { userId: id, token }, token: await world.admin() };
    },
    status: 200,
    body: ok('User has been deleted'),
    after: async (world, _answer, { params }, channel) => {
      expect((await channel.call('GET /users/my-info', { token: params!.token })).status).toBe(401);
      expect((await channel.call('GET /users/:userId', { params: params!, token: await world.admin() })).body).toEqual(
        userNotExisted,
      );
    },
  },
  {
    section: 'reading',
    promise: 'takes a body, and does not look at it',
    given: async (world) => ({
      params: { userId: (await world.member()).id },
      token: await world.admin(),
      raw: '{"broken',
    }),
    status: 200,
    body: ok('User has been deleted'),
  },
  {
    promise: 'takes a Content-Type without a body, which is what the example sends',
    given: async (world) => ({
      params: { userId: (await world.member()).id },
      token: await world.admin(),
      headers: { 'content-type': 'application/json' },
    }),
    status: 200,
    body: ok('User has been deleted'),
  },
  {
    section: 'reading',
    promise: 'says 1005 of a user that does not exist',
    shows: 'USER_NOT_FOUND',
    given: async (world) => ({ params: { userId: NOBODY }, token: await world.admin() }),
    status: 404,
    body: userNotExisted,
  },
  {
    section: 'reading',
    promise: 'refuses to delete the last administrator',
    shows: 'LAST_ADMINISTRATOR',
    given: async (world) => {
      const [{ id }] = (await world.app.sql<{ id: string }>("select id from users where username = 'admin'")) as [
        { id: string },
      ];
      return { params: { userId: id }, token: await world.admin() };
    },
    status: 403,
    body: forbidden,
  },
  {
    section: 'reading',
    promise: 'refuses to let a user delete their own account without the permission',
    given: async (world) => {
      const { id, token } = await world.member();
      return { params: { userId: id }, token };
    },
    status: 403,
    body: forbidden,
  },
]);

export const userCases: Case[] = [
  ...registerCases,
  ...adminUserCases,
  ...listCases,
  ...myInfoCases,
  ...getCases,
  ...deleteCases,
];
