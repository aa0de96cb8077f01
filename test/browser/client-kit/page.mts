// What the pages of client-kit.test.ts run: the kit as an application uses it.
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { createSession } from 'graphql-identity-client';
import { createSessionLink } from 'graphql-identity-client/apollo';
import { typePolicies } from 'graphql-identity-client/cache';

const url = '/graphql';
const session = createSession({ url });
const client = new ApolloClient({
  link: ApolloLink.from([createSessionLink(session), new HttpLink({ uri: url })]),
  cache: new InMemoryCache({ typePolicies }),
});
const ME = gql`query Whoami { me { id username } }`;
const PROFILE = gql`mutation Profile($input: UpdateProfileInput!) { updateProfile(input: $input) { profile { userId fullName } } }`;
const EVENTS = gql`subscription { securityEvents { action } }`;

const changes: string[] = [];
const users: (string | null)[] = [];
const events: string[] = [];
const failures: string[] = [];
session.onAccountChanged(({ kind }) => changes.push(kind));
session.onUserChanged(() => users.push(session.state.user?.username ?? null));

const kit = {
  changes,
  users,
  events,
  failures,
  state: () => session.state,
  login: (username: string, password: string) => session.login({ username, password }),
  logout: () => session.logout(),
  close: () => session.close(),
  me: async () => {
    const { data } = await client.query<{ me: { username: string } }>({ query: ME, fetchPolicy: 'network-only' });
    return data?.me.username;
  },
  rename: (fullName: string) => client.mutate({ mutation: PROFILE, variables: { input: { fullName } } }),
  watchEvents: () => {
    client.subscribe<{ securityEvents: { action: string } }>({ query: EVENTS }).subscribe({
      next: ({ data, error }) => {
        if (data) events.push(data.securityEvents.action);
        if (error) failures.push(error.message);
      },
      error: (error: Error) => failures.push(error.message),
    });
  },
  /** Everything that a stolen script finds in the page's stores. */
  stored: () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
};

export type Kit = typeof kit;
Object.assign(globalThis, { kit });
