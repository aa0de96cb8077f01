import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import {
  LoginDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
  UsersDocument,
} from '../../src/rest/generated/operations';
import { ADMIN, startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

interface Held {
  accessToken: string;
  refreshToken: string;
}

/**
 * A client as a React application has it: the access token goes with every request; when one is
 * refused because the token has expired, the tokens are refreshed, once for all that wait, and the
 * request is sent again.
 */
function createClient(url: string) {
  let held: Held | undefined;
  let refreshing: Promise<void> | undefined;
  let refreshes = 0;

  const refresh = async () => {
    refreshes++;
    const { data } = await client.mutate({
      mutation: RefreshDocument,
      variables: { input: { refreshToken: held!.refreshToken } },
    });
    const { accessToken, refreshToken } = data!.refresh!.tokens;
    held = { accessToken, refreshToken: refreshToken! };
  };
  const withToken = new SetContextLink(({ headers }) => ({
    sentWith: held?.accessToken,
    headers: { ...headers, ...(held && { authorization: `Bearer ${held.accessToken}` }) },
  }));
  const onExpiry = new ErrorLink(({ error, operation, forward }) => {
    const expired =
      CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');
    if (!expired || !held || operation.operationName === 'Refresh') return;
    const isRefreshed = operation.getContext().sentWith !== held.accessToken; // while this answer was on its way
    if (!isRefreshed)
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
    const waiting = refreshing ?? Promise.resolve();
    return new Observable((observer) => {
      waiting.then(
        () => forward(operation).subscribe(observer),
        () => observer.error(error),
      );
    });
  });
  const client: ApolloClient = new ApolloClient({
    link: ApolloLink.from([onExpiry, withToken, new HttpLink({ uri: url })]),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  });
  return {
    client,
    refreshes: () => refreshes,
    login: async (username: string, password: string) => {
      const { data } = await client.mutate({ mutation: LoginDocument, variables: { input: { username, password } } });
      const { accessToken, refreshToken } = data!.login!.tokens;
      held = { accessToken, refreshToken: refreshToken! };
    },
    logout: async () => {
      await client.mutate({ mutation: LogoutDocument, variables: { input: { token: held!.accessToken } } });
    },
  };
}

test('logs in and queries with the typed documents', async () => {
  const { client, login } = createClient(app.url);
  await login(ADMIN.username, ADMIN.password);
  const { data } = await client.query({ query: UsersDocument, variables: { first: 10 } });
  expect(data?.users?.nodes.map(({ username }) => username)).toEqual(['admin']);
});

test('refreshes when the access token has expired, and repeats the query', async () => {
  const { client, login, refreshes } = createClient(app.url);
  await login(ADMIN.username, ADMIN.password);
  app.clock.advance(901);
  const { data } = await client.query({ query: MeDocument });
  expect([data?.me?.username, refreshes()]).toEqual(['admin', 1]);
  await client.query({ query: MeDocument });
  expect(refreshes()).toBe(1);
});

test('refreshes once for ten queries that find it expired together', async () => {
  const { client, login, refreshes } = createClient(app.url);
  await login(ADMIN.username, ADMIN.password);
  for (let round = 1; round <= 3; round++) {
    app.clock.advance(901);
    const queries = Array.from({ length: 10 }, (_, i) =>
      client.query({ query: UsersDocument, variables: { first: i + 1 } }),
    );
    for (const { data } of await Promise.all(queries)) expect(data?.users?.nodes).toHaveLength(1);
    expect(refreshes()).toBe(round);
  }
});

test('after the end of the session the refusal arrives, and no endless round begins', async () => {
  const { client, login, logout, refreshes } = createClient(app.url);
  await login(ADMIN.username, ADMIN.password);
  await logout();
  await expect(client.query({ query: MeDocument })).rejects.toThrow(
    'Sign in first: send a valid token as "Authorization: Bearer <token>"',
  );
  expect(refreshes()).toBe(1);
});
