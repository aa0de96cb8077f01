import { ADMIN } from '../../../support/app';
import {
  A_TOKEN,
  failed,
  forbidden,
  ok,
  type RestChannel,
  type RestWorld,
  unauthenticated,
  uncategorized,
  userNotExisted,
} from '../../../support/rest';
import { type Case, casesOf } from './case';

const valid = ok({ valid: true });
const invalid = { ...unauthenticated, result: { valid: false } };
const issued = ok({ token: A_TOKEN, authenticated: true });

const introspected = async (channel: RestChannel, token: string) =>
  (await channel.call('POST /auth/introspect', { body: { token } })).body;

const SESSION_ACCESS_TOKEN = 'that is a session access token';

/** Tokens that are not, or not any more, worth anything. */
const deadTokens: Record<string, (world: RestWorld, channel: RestChannel) => Promise<string>> = {
  'that was logged out': async (world, channel) => {
    const { token } = await world.member();
    await channel.call('POST /auth/logout', { body: { token } });
    return token;
  },
  'that was refreshed': async (world, channel) => {
    const { token } = await world.member();
    await channel.call('POST /auth/refresh', { body: { token } });
    return token;
  },
  'of a disabled account': async (world) => {
    const member = await world.member();
    await world.disable(member);
    return member.token;
  },
  'of a deleted account': async (world, channel) => {
    const { id, token } = await world.member();
    await channel.call('DELETE /users/:userId', { params: { userId: id }, token: await world.admin() });
    return token;
  },
  'of no account': async (world) => world.like(await world.admin(), { sub: 'nobody at all', uid: null, jti: 'a' }),
  'of another issuer': async (world) => world.like(await world.admin(), { iss: 'somebody.else' }),
  'signed with another key': async (world) =>
    world.like(await world.admin(), {}, { key: 'another key of the same length'.repeat(3) }),
  [SESSION_ACCESS_TOKEN]: async (world) => (await world.app.user()).tokens.accessToken,
  'that is a refresh token of a session': async (world) => (await world.app.user()).tokens.refreshToken,
  'that is garbage': async () => 'garbage',
  'that is garbage with three parts': async () => 'a.b.c',
  'that holds NUL and a lone surrogate': async () => 'a\0b\ud800.c.d',
  'that is empty': async () => '',
  'of 200,000 characters': async (world) => `${await world.admin()}${'x'.repeat(200_000)}`,
};

const dead = (
  cases: (promise: string, given: Case['given']) => Omit<Case, 'route' | 'section'>,
  except: readonly string[] = [],
) =>
  Object.entries(deadTokens)
    .filter(([name]) => !except.includes(name))
    .map(([name, make]) =>
      cases(`a token ${name}`, async (world, channel) => ({ body: { token: await make(world, channel) } })),
    );

const loginCases = casesOf('POST /auth/token', 'Authentication 1', [
  {
    promise: 'gives a token for name and password',
    given: async (world) => {
      const { username, password } = await world.member();
      return { body: { username, password } };
    },
    status: 200,
    body: issued,
    after: async (_world, answer, _sent, channel) => {
      expect(await introspected(channel, answer.body.result.token)).toEqual(valid);
    },
  },
  {
    promise: "lets the first administrator of the contract's examples in",
    given: () => ({ body: ADMIN }),
    status: 200,
    body: issued,
  },
  {
    section: 'reading',
    promise: 'takes the e-mail address for the name',
    given: async (world) => {
      const { email, password } = await world.member();
      return { body: { username: email, password } };
    },
    status: 200,
    body: issued,
  },
  {
    section: 'reading',
    promise: 'takes the name in any case',
    given: async (world) => {
      const { username, password } = await world.member();
      return { body: { username: username.toUpperCase(), password } };
    },
    status: 200,
    body: issued,
  },
  {
    section: 'reading',
    promise: 'ignores a bearer token that is over',
    given: async (world) => {
      const { username, password, token } = await world.member();
      return { body: { username, password }, token: world.expired(token) };
    },
    status: 200,
    body: issued,
  },
  {
    section: 'reading',
    promise: 'ignores an Authorization header of another scheme',
    given: () => ({ body: ADMIN, headers: { authorization: 'Basic YWRtaW46' } }),
    status: 200,
    body: issued,
  },
  {
    promise: 'says 1005 of a user that does not exist',
    shows: 'USER_UNKNOWN',
    given: (world) => ({ body: { username: world.unique('nobody'), password: 'password123' } }),
    status: 404,
    body: userNotExisted,
  },
  {
    promise: 'says 1006 of a wrong password',
    shows: 'INVALID_CREDENTIALS',
    given: async (world) => ({ body: { username: (await world.member()).username, password: 'wrong password' } }),
    status: 401,
    body: unauthenticated,
    headers: { 'www-authenticate': 'Bearer realm="identity"' },
  },
  {
    section: 'reading',
    promise: 'says 1006 of an empty password',
    given: async (world) => ({ body: { username: (await world.member()).username, password: '' } }),
    status: 401,
    body: unauthenticated,
  },
  {
    section: 'reading',
    promise: 'says 1007 of a disabled account when the password is right',
    shows: 'ACCOUNT_DISABLED',
    given: async (world) => {
      const member = await world.member();
      await world.disable(member);
      return { body: { username: member.username, password: member.password } };
    },
    status: 403,
    body: forbidden,
  },
  {
    section: 'reading',
    promise: 'says 1006 of a disabled account when the password is wrong',
    given: async (world) => {
      const member = await world.member();
      await world.disable(member);
      return { body: { username: member.username, password: 'wrong password' } };
    },
    status: 401,
    body: unauthenticated,
  },
  {
    section: 'reading',
    promise: 'says 1001 when the name is missing',
    shows: 'MALFORMED_BODY',
    given: () => ({ body: { password: 'password123' } }),
    status: 400,
    body: uncategorized('username', 'username is required'),
  },
  {
    section: 'reading',
    promise: 'says 1001 when the password is null',
    given: () => ({ body: { username: 'admin', password: null } }),
    status: 400,
    body: uncategorized('password', 'password is required'),
  },
  {
    section: 'reading',
    promise: 'names everything that is of the wrong type',
    given: () => ({ body: { username: 7, password: ['password123'] } }),
    status: 400,
    body: failed(1001, 'Uncategorized error', [
      { field: 'username', message: 'username must be a string' },
      { field: 'password', message: 'password must be a string' },
    ]),
  },
  ...['admin\0', '\ud800admin', 'x'.repeat(100_000)].map((username) => ({
    section: 'reading',
    promise: `finds no user by a name like ${JSON.stringify(username.slice(0, 10))}`,
    given: () => ({ body: { username, password: 'pass\0word\udfff' } }),
    status: 404,
    body: userNotExisted,
  })),
]);

const introspectCases = casesOf('POST /auth/introspect', 'Authentication 2', [
  {
    promise: 'says that a live token is valid',
    given: async (world) => ({ body: { token: await world.admin() } }),
    status: 200,
    body: valid,
  },
  {
    section: 'reading',
    promise: 'ignores the Authorization header',
    given: async (world) => ({ body: { token: await world.admin() }, token: 'garbage' }),
    status: 200,
    body: valid,
  },
  {
    promise: 'says 1006 of a token that is over, with a result that can be read',
    shows: 'UNAUTHENTICATED',
    given: async (world) => ({ body: { token: world.expired((await world.member()).token) } }),
    status: 401,
    body: invalid,
    headers: { 'www-authenticate': 'Bearer realm="identity"' },
  },
  ...dead(
    (what, given) => ({ promise: `says 1006 of ${what}`, given, status: 401, body: invalid }),
    [SESSION_ACCESS_TOKEN],
  ),
  {
    promise: 'says that a session access token is valid',
    given: async (world) => ({ body: { token: (await world.app.user()).tokens.accessToken } }),
    status: 200,
    body: ok({ valid: true }),
  },
  {
    section: 'reading',
    promise: 'says 1006 of no token at all',
    given: () => ({ body: {} }),
    status: 401,
    body: invalid,
  },
  {
    section: 'reading',
    promise: 'says 1006 of null, which is what a browser that has no token sends',
    given: () => ({ body: { token: null } }),
    status: 401,
    body: invalid,
  },
  {
    section: 'reading',
    promise: 'says 1001 of what is no text',
    shows: 'MALFORMED_BODY',
    given: () => ({ body: { token: { a: 1 } } }),
    status: 400,
    body: uncategorized('token', 'token must be a string'),
  },
]);

const refreshCases = casesOf('POST /auth/refresh', 'Authentication 3', [
  {
    promise: 'gives a new token, and the old one is dead at once',
    given: async (world) => ({ body: { token: (await world.member()).token } }),
    status: 200,
    body: issued,
    after: async (_world, answer, sent, channel) => {
      expect(await introspected(channel, answer.body.result.token)).toEqual(valid);
      expect(await introspected(channel, (sent.body as { token: string }).token)).toEqual(invalid);
    },
  },
  {
    section: 'JWT Token Information',
    promise: 'takes a token that is over and was issued less than ten hours ago',
    given: async (world) => ({ body: { token: world.expired((await world.member()).token, 36_000 - 3600 - 30) } }),
    status: 200,
    body: issued,
  },
  {
    section: 'JWT Token Information',
    promise: 'says 1006 of a token that was issued ten hours ago',
    given: async (world) => ({ body: { token: world.expired((await world.member()).token, 36_000 - 3600) } }),
    status: 401,
    body: unauthenticated,
  },
  {
    section: 'reading',
    promise: 'ignores a bearer token that is over',
    given: async (world) => {
      const { token } = await world.member();
      return { body: { token }, token: world.expired(token) };
    },
    status: 200,
    body: issued,
  },
  ...dead((what, given) => ({
    promise: `says 1006 of ${what}`,
    shows: 'INVALID_REFRESH_TOKEN',
    given,
    status: 401,
    body: unauthenticated,
  })),
  {
    section: 'reading',
    promise: 'says 1006 of no token at all',
    given: () => ({ body: {} }),
    status: 401,
    body: unauthenticated,
  },
  {
    section: 'reading',
    promise: 'says 1001 of what is no text',
    shows: 'MALFORMED_BODY',
    given: () => ({ body: { token: 7 } }),
    status: 400,
    body: uncategorized('token', 'token must be a string'),
  },
]);

const logoutCases = casesOf('POST /auth/logout', 'Authentication 4', [
  {
    promise: 'ends a token, which can then be neither used nor refreshed',
    given: async (world) => ({ body: { token: (await world.member()).token } }),
    status: 200,
    body: ok(null),
    after: async (_world, _answer, sent, channel) => {
      const { token } = sent.body as { token: string };
      expect(await introspected(channel, token)).toEqual(invalid);
      expect((await channel.call('GET /users/my-info', { token })).body).toEqual(unauthenticated);
      expect((await channel.call('POST /auth/refresh', { body: { token } })).body).toEqual(unauthenticated);
    },
  },
  {
    section: 'reading',
    promise: 'ends a token that is over, so that it cannot be refreshed',
    given: async (world) => ({ body: { token: world.expired((await world.member()).token) } }),
    status: 200,
    body: ok(null),
    after: async (_world, _answer, sent, channel) => {
      expect((await channel.call('POST /auth/refresh', { body: sent.body })).body).toEqual(unauthenticated);
    },
  },
  ...dead((what, given) => ({
    section: 'reading',
    promise: `succeeds for ${what}`,
    given,
    status: 200,
    body: ok(null),
  })),
  {
    section: 'reading',
    promise: 'succeeds for null',
    given: () => ({ body: { token: null } }),
    status: 200,
    body: ok(null),
  },
  { section: 'reading', promise: 'succeeds for no token', given: () => ({ body: {} }), status: 200, body: ok(null) },
  {
    section: 'reading',
    promise: 'says 1001 of what is no text',
    shows: 'MALFORMED_BODY',
    given: () => ({ body: { token: true } }),
    status: 400,
    body: uncategorized('token', 'token must be a string'),
  },
]);

export const authenticationCases: Case[] = [...loginCases, ...introspectCases, ...refreshCases, ...logoutCases];
