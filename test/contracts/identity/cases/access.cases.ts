import { ADMIN } from '../../../support/app';
import { forbidden, type RestWorld, type Sent, unauthenticated } from '../../../support/rest';
import type { Case } from './case';

const SOMEBODY = '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47';

interface Protected {
  route: string;
  section: string;
  /** Enough that only the token decides. */
  sent: Sent;
  /** What one needs; missing where any user may. */
  needs?: string;
}

/** What the contract marks as not public. */
const protectedRoutes: Protected[] = [
  { route: 'GET /users', section: 'Users 2', sent: {}, needs: 'READ_USERS' },
  { route: 'GET /users/:userId', section: 'Users 3', sent: { params: { userId: SOMEBODY } }, needs: 'READ_USERS' },
  { route: 'GET /users/my-info', section: 'Users 4', sent: {} },
  {
    route: 'PUT /users/:userId',
    section: 'Users 5',
    sent: { params: { userId: SOMEBODY }, body: { firstName: 'Ann' } },
    needs: 'UPDATE_USER',
  },
  { route: 'DELETE /users/:userId', section: 'Users 6', sent: { params: { userId: SOMEBODY } }, needs: 'DELETE_USER' },
  {
    route: 'POST /users/admin/users',
    section: 'beyond',
    sent: { body: { username: 'abc', password: 'x' } },
    needs: 'CREATE_USER, ASSIGN_ROLE',
  },
  { route: 'POST /roles', section: 'Roles 1', sent: { body: { name: 'a role' } }, needs: 'CREATE_ROLE' },
  { route: 'GET /roles', section: 'Roles 2', sent: {}, needs: 'READ_ROLES' },
  { route: 'DELETE /roles/:role', section: 'Roles 3', sent: { params: { role: 'ADMIN' } }, needs: 'DELETE_ROLE' },
  {
    route: 'POST /permissions',
    section: 'Permissions 1',
    sent: { body: { name: 'a permission' } },
    needs: 'CREATE_PERMISSION',
  },
  { route: 'GET /permissions', section: 'Permissions 2', sent: {}, needs: 'READ_PERMISSIONS' },
  {
    route: 'DELETE /permissions/:permission',
    section: 'Permissions 3',
    sent: { params: { permission: 'READ_USERS' } },
    needs: 'DELETE_PERMISSION',
  },
];

const challenge = (error?: string, description?: string): string =>
  [
    'Bearer realm="identity"',
    ...(error ? [`error="${error}"`] : []),
    ...(description ? [`error_description="${description}"`] : []),
  ].join(', ');
const INVALID = challenge('invalid_token', 'The access token is not valid');
const EXPIRED = challenge('invalid_token', 'The access token expired');

const refusals: [promise: string, challenge: string, credentials: (world: RestWorld) => Promise<Sent> | Sent][] = [
  ['without a token', challenge(), () => ({})],
  ['with an empty Authorization header', challenge(), () => ({ headers: { authorization: '' } })],
  ['with another scheme', challenge(), () => ({ headers: { authorization: 'Basic YWRtaW46cGFzc3dvcmQxMjM=' } })],
  ['with garbage', INVALID, () => ({ token: 'garbage' })],
  ['with a token that is over', EXPIRED, async (world) => ({ token: world.expired(await world.admin()) })],
  [
    'with a token that was logged out',
    INVALID,
    async (world) => {
      const { token } = await world.member();
      await world.main.call('POST /auth/logout', { body: { token } });
      return { token };
    },
  ],
  [
    'with a refresh token',
    INVALID,
    async (world) => ({ token: (await world.app.login(ADMIN.username, ADMIN.password)).refreshToken }),
  ],
];

const plain = ({ route, section, sent }: Protected): Case[] => [
  ...refusals.map(
    ([promise, header, credentials]): Case => ({
      route,
      section,
      promise: `says 1006 ${promise}`,
      shows: 'UNAUTHENTICATED',
      given: async (world) => ({ ...sent, ...(await credentials(world)) }),
      status: 401,
      body: unauthenticated,
      headers: { 'www-authenticate': header },
    }),
  ),
  {
    route,
    section: 'reading',
    promise: 'says 1006 before it looks at the body',
    given: () => ({ ...sent, body: undefined, ...(route.startsWith('GET') ? {} : { raw: '{"broken' }) }),
    status: 401,
    body: unauthenticated,
  },
];

const scoped = ({ route, sent, needs }: Protected): Case[] =>
  needs === undefined
    ? []
    : [
        {
          route,
          section: 'Error Codes',
          promise: `says 1007 to who has not ${needs}`,
          shows: 'FORBIDDEN',
          given: async (world) => ({ ...sent, token: (await world.member()).token }),
          status: 403,
          body: forbidden,
          headers: { 'www-authenticate': challenge('insufficient_scope') },
        },
      ];

export const accessCases: Case[] = protectedRoutes.flatMap((route) => [...plain(route), ...scoped(route)]);
