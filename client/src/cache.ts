import type { TypePolicies } from '@apollo/client/cache';
import { relayStylePagination } from '@apollo/client/utilities';

/** What `new InMemoryCache({ typePolicies })` needs to know of the schema; the same for Apollo Client 3 and 4. */
export const typePolicies: TypePolicies = {
  Permission: { keyFields: ['name'] },
  Profile: { keyFields: ['userId'] },
  Query: {
    fields: {
      users: relayStylePagination(['filter', 'sort']),
      sessions: relayStylePagination(['userId']),
      loginAttempts: relayStylePagination(['userId', 'allUsers', 'filter', 'sort']),
      auditEvents: relayStylePagination(['filter', 'sort']),
      // a user that a list has brought is not asked for again
      user: { read: (known, { args, toReference }) => known ?? toReference({ __typename: 'User', id: args?.id }) },
    },
  },
};
