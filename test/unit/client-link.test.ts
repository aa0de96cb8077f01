import { ApolloClient, ApolloLink, gql, InMemoryCache, Observable } from '@apollo/client';

type Kit = typeof import('graphql-identity-client/apollo', { with: { 'resolution-mode': 'import' }});
const { createSessionLink } = require('graphql-identity-client/apollo') as Kit;

const REFUSED = { message: 'Sign in first', extensions: { code: 'UNAUTHENTICATED', reason: 'expired' } };
const DONE = { ok: true };

/** Sends one operation, to a server that gives these results in turn. @returns the tokens that it was sent with */
async function tokensSent(document: string, results: object[], renewed: string | null = 'second'): Promise<unknown[]> {
  const sent: unknown[] = [];
  const session = { accessToken: async (rejected?: string) => (rejected === undefined ? 'first' : renewed) };
  const server = new ApolloLink((operation) => {
    sent.push(operation.getContext().headers.authorization);
    return new Observable((observer) => {
      observer.next(results[sent.length - 1] as never);
      observer.complete();
    });
  });
  const link = ApolloLink.from([createSessionLink(session as never) as never, server]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const operation = gql(document);
  const options = { errorPolicy: 'all', fetchPolicy: 'no-cache' } as const;
  if (document.startsWith('mutation')) await client.mutate({ ...options, mutation: operation });
  else await client.query({ ...options, query: operation });
  return sent;
}

const BOTH = ['Bearer first', 'Bearer second'];

test.each([
  ['a query', '{ a }', [{ data: { a: null }, errors: [REFUSED] }, { data: { a: 1 } }], BOTH],
  [
    'a query that was answered in part',
    '{ a b }',
    [{ data: { a: 1, b: null }, errors: [REFUSED] }, { data: {} }],
    BOTH,
  ],
  ['a mutation', 'mutation { a }', [{ data: { a: null }, errors: [REFUSED] }, { data: { a: DONE } }], BOTH],
])('%s is sent again with a new token', async (_what, document, results, expected) => {
  expect(await tokensSent(document, results)).toEqual(expected);
});

test.each([
  ['a mutation of which a part was done', 'mutation { a b }', { data: { a: DONE, b: null }, errors: [REFUSED] }],
  ['what was refused for another reason', '{ a }', { errors: [{ message: 'No', extensions: { code: 'FORBIDDEN' } }] }],
])('%s is not sent again', async (_what, document, result) => {
  expect(await tokensSent(document, [result, { data: {} }])).toEqual(['Bearer first']);
});

test('nothing is sent a third time', async () => {
  const refused = { data: { a: null }, errors: [REFUSED] };
  expect(await tokensSent('{ a }', [refused, refused, refused])).toEqual(BOTH);
});

test('nothing is sent again when the session is over', async () => {
  expect(await tokensSent('{ a }', [{ data: { a: null }, errors: [REFUSED] }], null)).toEqual(['Bearer first']);
});
