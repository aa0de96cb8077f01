import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import type { Session } from 'graphql-identity-client';
import { createSessionLink } from 'graphql-identity-client/apollo';
import { currentLanguage } from '../i18n/i18n';
import { apiUrl } from './address';

let client: ApolloClient | undefined;

/** The client of the page's session, made when it is first needed. */
export function clientOf(session: Session): ApolloClient {
  client ??= createClient(session);
  return client;
}

function createClient(session: Session): ApolloClient {
  const language = new SetContextLink(({ headers }) => ({
    headers: { ...headers, 'accept-language': currentLanguage() },
  }));
  const client = new ApolloClient({
    link: ApolloLink.from([language, createSessionLink(session), new HttpLink({ uri: apiUrl('graphql') })]),
    // pages of a list are turned, not collected: the policies of the kit for lists that grow do not fit
    cache: new InMemoryCache({
      typePolicies: { Permission: { keyFields: ['name'] }, Profile: { keyFields: ['userId'] } },
    }),
    defaultOptions: { watchQuery: { fetchPolicy: 'cache-and-network' } },
  });
  session.onUserChanged(() => void client.clearStore());
  return client;
}
