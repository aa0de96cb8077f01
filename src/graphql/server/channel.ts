import type { ChannelPolicy } from '../../security/channel-policy';

/** How GraphQL itself is entered; the REST contracts declare channels of their own. */
export const graphqlChannel: ChannelPolicy = {
  name: 'graphql',
  issues: 'session',
  loginBy: 'username',
  rotatesRefreshTokens: true,
  tellsUnknownUser: false,
  limitsEveryLogin: false,
  changesOwnCredentials: false,
};
