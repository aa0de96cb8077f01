import type { Door } from '../security/door';

/** How GraphQL itself is entered; the REST contracts declare doors of their own. */
export const graphqlDoor: Door = {
  name: 'graphql',
  bearers: ['session', 'identity'],
  issues: 'session',
  loginBy: 'username',
  rotatesRefreshTokens: true,
  tellsUnknownUser: false,
  limitsEveryLogin: false,
  setsOwnPassword: false,
};
