import { ADMIN } from '../../../support/app';
import {
  failed,
  forbidden,
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
const person = { firstName: 'John', lastName: 'Doe', phone: '0123456789', dob: '2000-01-01' };
const teamRole = (name: unknown) => ({ name, description: null, permissions: expect.any(Array) });

/**
 * An update by the user, with every member set before; `username` and `email` are in `params`, where no path
 * looks for them.
 */
async function byTheUser(world: RestWorld, body: unknown): Promise<Sent> {
  const { id, username, email, token } = await world.member();
  await world.main.call('PUT /users/:userId', { params: { userId: id }, token, body: person });
  return { params: { userId: id, username, email }, token, body };
}

/** The same user, changed by an administrator. */
const byAdmin = async (world: RestWorld, body: unknown): Promise<Sent> => ({
  ...(await byTheUser(world, body)),
  token: await world.admin(),
});

/** The whole user after a change of some members. */
const changed =
  (over: Record<string, unknown>) =>
  ({ params }: Sent) =>
    ok(userJson({ ...person, id: params!.userId, username: params!.username, email: params!.email, ...over }));

const changes: [promise: string, body: object, over: Record<string, unknown>][] = [
  ['changes what is there and nothing else', { firstName: 'Ann' }, { firstName: 'Ann' }],
  ['changes nothing when nothing is there', {}, {}],
  ['empties a first name', { firstName: '' }, { firstName: null }],
  ['empties a last name', { lastName: '' }, { lastName: null }],
  ['empties an e-mail address', { email: '' }, { email: null }],
  ['empties a phone number', { phone: '' }, { phone: null }],
  ['empties with null as well', { firstName: null, phone: null }, { firstName: null, phone: null }],
  ['leaves the date of birth when it is an empty text', { dob: '' }, {}],
  ['leaves the date of birth when it is null', { dob: null }, {}],
  ['leaves the roles when they are null', { roles: null }, {}],
  [
    'ignores unknown members',
    {
      username: 'another',
      id: NOBODY,
      role: 'ADMIN',
      isActive: false,
      createdAt: 1,
      ['__proto__']: { roles: ['ADMIN'] },
    },
    {},
  ],
  ['takes a phone number of 6 characters', { phone: '123456' }, { phone: '123456' }],
  ['takes a phone number of 20 characters', { phone: '1'.repeat(20) }, { phone: '1'.repeat(20) }],
];

const refusals: [promise: string, body: object, answer: object, shows?: Case['shows']][] = [
  [
    'a password of 5 characters',
    { password: 'five5' },
    failed(1004, 'Password must be at least 6 characters'),
    'PASSWORD_TOO_SHORT',
  ],
  [
    'a phone number of 5 characters',
    { phone: '12345' },
    uncategorized('phone', 'Phone must be 6 to 20 characters'),
    'VALIDATION_FAILED',
  ],
  [
    'a phone number of 21 characters',
    { phone: '1'.repeat(21) },
    uncategorized('phone', 'Phone must be 6 to 20 characters'),
  ],
  [
    'an e-mail address that is none',
    { email: 'plain' },
    uncategorized('email', 'E-mail must be a valid address such as name@example.org'),
  ],
  [
    'a date of birth that is none',
    { dob: '2000-13-01' },
    uncategorized('dob', 'Date of birth must be a date such as 2000-01-31'),
  ],
  [
    'a first name with NUL',
    { firstName: '\0' },
    uncategorized('firstName', 'firstName holds characters that cannot be kept'),
  ],
  [
    'a name that is a number',
    { firstName: 7 },
    uncategorized('firstName', 'firstName must be a string'),
    'MALFORMED_BODY',
  ],
  ['roles that are a text', { roles: 'ADMIN' }, uncategorized('roles', 'roles must be an array of strings')],
  [
    'roles that are objects',
    { roles: [{ name: 'ADMIN' }] },
    uncategorized('roles', 'roles must be an array of strings'),
  ],
  [
    'everything at once with the code of the first member of the body',
    { dob: '2999-01-01', phone: '1', password: 'five5' },
    failed(1004, 'Password must be at least 6 characters', [
      { field: 'password', message: 'Password must be at least 6 characters' },
      { field: 'phone', message: 'Phone must be 6 to 20 characters' },
      { field: 'dob', message: 'Your age must be at least 18' },
    ]),
  ],
];

const nothingChanged: Case['after'] = async (world, _answer, sent, channel) => {
  const { body } = await channel.call('GET /users/:userId', { params: sent.params!, token: await world.admin() });
  expect(body).toEqual(changed({})(sent));
};

const fieldCases = (by: typeof byTheUser, who: string) => [
  ...changes.map(([promise, body, over]) => ({
    section: 'reading',
    promise: `${promise} (${who})`,
    given: (world: RestWorld) => by(world, body),
    status: 200,
    body: changed(over),
  })),
  ...refusals.map(([promise, body, answer, shows]) => ({
    section: 'Notes 4',
    promise: `refuses ${promise} (${who})`,
    ...(shows && { shows }),
    given: (world: RestWorld) => by(world, body),
    status: 400,
    body: answer,
    after: nothingChanged,
  })),
];

export const updateCases: Case[] = casesOf('PUT /users/:userId', 'Users 5', [
  {
    promise: "answers the contract's example with the changed user",
    given: async (world) =>
      byTheUser(world, { firstName: 'Updated Name', email: `${world.unique('new')}@example.com` }),
    status: 200,
    body: (sent) => changed({ firstName: 'Updated Name', email: (sent.body as { email: string }).email })(sent),
  },
  ...fieldCases(byTheUser, 'the user'),
  ...fieldCases(byAdmin, 'by an administrator'),

  {
    promise: 'refuses an age of 17 years and 364 days',
    shows: 'AGE_TOO_LOW',
    given: (world) => byTheUser(world, { dob: bornAgo(world.app.clock.now(), 18, +1) }),
    status: 400,
    body: failed(1008, 'Your age must be at least 18'),
    after: nothingChanged,
  },
  {
    promise: 'takes an age of 18 years to the day',
    given: (world) => byTheUser(world, { dob: bornAgo(world.app.clock.now(), 18) }),
    status: 200,
    body: (sent) => changed({ dob: (sent.body as { dob: string }).dob })(sent),
  },
  {
    section: 'Notes 4',
    promise: 'refuses an e-mail address that is taken, in whatever case',
    shows: 'EMAIL_TAKEN',
    given: async (world) => byTheUser(world, { email: (await world.member()).email.toUpperCase() }),
    status: 400,
    body: userExisted,
    after: nothingChanged,
  },
  {
    section: 'reading',
    promise: 'takes the own e-mail address in another case',
    given: async (world) => {
      const sent = await byTheUser(world, {});
      return { ...sent, body: { email: sent.params!.email!.toUpperCase() } };
    },
    status: 200,
    body: (sent) => changed({ email: (sent.body as { email: string }).email })(sent),
  },

  {
    promise: 'changes the own password; the token that did it stays, and every other ends',
    given: async (world) => {
      const sent = await byTheUser(world, { password: 'a new password' });
      return { ...sent, params: { ...sent.params, other: await world.login(sent.params!.username!) } };
    },
    status: 200,
    body: changed({}),
    after: async (world, _answer, { params, token }, channel) => {
      expect((await channel.call('GET /users/my-info', { token })).status).toBe(200);
      expect((await channel.call('GET /users/my-info', { token: params!.other })).status).toBe(401);
      await expect(world.login(params!.username!)).rejects.toThrow('1006');
      expect(await world.login(params!.username!, 'a new password')).toEqual(expect.any(String));
    },
  },
  {
    promise: 'lets an administrator set a password, which ends the tokens of the user',
    given: async (world) => {
      const sent = await byTheUser(world, { password: 'a new password' });
      return { ...sent, params: { ...sent.params, other: sent.token! }, token: await world.admin() };
    },
    status: 200,
    body: changed({}),
    after: async (world, _answer, { params }, channel) => {
      expect((await channel.call('GET /users/my-info', { token: params!.other })).status).toBe(401);
      expect(await world.login(params!.username!, 'a new password')).toEqual(expect.any(String));
    },
  },
  ...['', null].map((password) => ({
    section: 'reading',
    promise: `leaves the password when it is ${JSON.stringify(password)}`,
    given: (world: RestWorld) => byTheUser(world, { password }),
    status: 200,
    body: changed({}),
    after: (async (world, _answer, { params }) => {
      expect(await world.login(params!.username!)).toEqual(expect.any(String));
    }) satisfies Case['after'],
  })),

  {
    promise: 'gives the roles of the list and takes all others',
    given: async (world) => {
      const [kept, given, taken] = [await world.app.role(), await world.app.role(), await world.app.role()];
      const { id, username, email } = await world.member({ roles: [kept, taken] });
      return {
        params: { userId: id, username, email, kept, given },
        token: await world.admin(),
        body: { roles: [given, kept, kept] },
      };
    },
    status: 200,
    body: ({ params }) =>
      ok(
        userJson({
          id: params!.userId,
          username: params!.username,
          email: params!.email,
          roles: [teamRole(params!.kept), teamRole(params!.given)],
        }),
      ),
  },
  {
    promise: 'takes every role away with an empty list',
    given: async (world) => {
      const { id, username, email } = await world.member({ roles: [await world.app.role()] });
      return { params: { userId: id, username, email }, token: await world.admin(), body: { roles: [] } };
    },
    status: 200,
    body: ({ params }) => ok(userJson({ id: params!.userId, username: params!.username, email: params!.email })),
  },
  ...[['ADMIN'], []].map((roles) => ({
    section: 'reading',
    promise: `refuses a user who sends the roles ${JSON.stringify(roles)}, and changes nothing`,
    shows: 'FORBIDDEN' as const,
    given: (world: RestWorld) => byTheUser(world, { firstName: 'Ann', roles }),
    status: 403,
    body: forbidden,
    after: nothingChanged,
  })),
  {
    section: 'reading',
    promise: 'says 1001 of a role that does not exist, and changes nothing',
    shows: 'ROLE_NOT_FOUND',
    given: (world) => byAdmin(world, { firstName: 'Ann', roles: ['NO_SUCH_ROLE'] }),
    status: 400,
    body: uncategorized('roles', 'There is no role named "NO_SUCH_ROLE"'),
    after: nothingChanged,
  },
  {
    section: 'reading',
    promise: 'refuses to take the role ADMIN from the last administrator',
    shows: 'LAST_ADMINISTRATOR',
    given: async (world) => {
      const [{ id }] = (await world.app.sql<{ id: string }>('select id from users where username = $1', [
        ADMIN.username,
      ])) as [{ id: string }];
      return { params: { userId: id }, token: await world.admin(), body: { roles: [] } };
    },
    status: 403,
    body: forbidden,
  },
  {
    section: 'reading',
    promise: 'refuses to change the password of who holds more',
    given: async (world) => {
      const { id, username, email } = await world.member({ permissions: ['DELETE_USER'] });
      const token = (await world.member({ permissions: ['UPDATE_USER'] })).token;
      return { params: { userId: id, username, email }, token, body: { password: 'a new password' } };
    },
    status: 403,
    body: forbidden,
    after: async (world, _answer, { params }) => {
      expect(await world.login(params!.username!)).toEqual(expect.any(String));
    },
  },
  {
    section: 'reading',
    promise: 'lets a user change the own e-mail address with a token older than the newest role',
    given: async (world) => {
      const { id, username, token } = await world.member();
      const role = await world.app.role(['READ_ROLES']);
      await world.main.call('PUT /users/:userId', {
        params: { userId: id },
        token: await world.admin(),
        body: { roles: [role] },
      });
      return { params: { userId: id, username, role }, token, body: { email: `${world.unique('new')}@example.com` } };
    },
    status: 200,
    body: ({ params, body }) =>
      ok(
        userJson({
          id: params!.userId,
          username: params!.username,
          email: (body as { email: string }).email,
          roles: [teamRole(params!.role)],
        }),
      ),
  },

  {
    section: 'Error Codes',
    promise: 'refuses to let a user change another user, whatever the body',
    given: async (world) => ({
      params: { userId: (await world.member()).id },
      token: (await world.member()).token,
      raw: '{"firstName": ',
    }),
    status: 403,
    body: forbidden,
  },
  ...[{ body: { firstName: 'Ann' } }, { body: { phone: '1' } }, { body: { phone: 1 } }, { raw: '{' }].map((sent) => ({
    promise: `says 1005 of a user that does not exist before it looks at ${JSON.stringify(sent)}`,
    shows: 'USER_NOT_FOUND' as const,
    given: async (world: RestWorld) => ({ params: { userId: NOBODY }, token: await world.admin(), ...sent }),
    status: 404,
    body: userNotExisted,
  })),
]);
