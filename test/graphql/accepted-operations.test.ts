import { print } from 'graphql';
import { CreateRoleDocument, IntrospectDocument, MeDocument, UsersDocument } from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';

/**
 * A text that was accepted before takes a shorter way through the server. A client cannot tell which way
 * an answer has come.
 */
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

interface Raw {
  status: number;
  type: string | null;
  caching: string | null;
  text: string;
}

async function send(body: unknown, headers: Record<string, string> = {}): Promise<Raw> {
  const response = await fetch(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { headers: got, status } = response;
  return { status, type: got.get('content-type'), caching: got.get('cache-control'), text: await response.text() };
}

/** A text that no client has sent before: the first answer is Apollo's. */
let texts = 0;
const anew = (document: Parameters<typeof print>[0] | string) =>
  `# ${++texts}\n${typeof document === 'string' ? document : print(document)}`;

const bearer = async () => ({ authorization: `Bearer ${await app.admin()}` });

describe('the second answer is the first, byte for byte:', () => {
  const bodies: [string, (text: (document: Parameters<typeof anew>[0]) => string) => Record<string, unknown>][] = [
    ['data', (text) => ({ query: text(MeDocument) })],
    [
      'data with variables',
      (text) => ({ query: text(UsersDocument), variables: { first: 1, filter: { text: 'admin' } } }),
    ],
    ['null for variables', (text) => ({ query: text(MeDocument), variables: null })],
    ['the name of its one operation', (text) => ({ query: text(MeDocument), operationName: 'Me' })],
    ['null for the name', (text) => ({ query: text(MeDocument), operationName: null, extensions: null })],
    [
      'extensions of the client',
      (text) => ({ query: text(MeDocument), extensions: { clientLibrary: { name: 'a', version: '1' } } }),
    ],
    ['members that mean nothing', (text) => ({ query: text(MeDocument), id: 'q1' })],
    ['an error beside data', (text) => ({ query: text('{ me { username } user(id: "nobody") { id } }') })],
    ['an error and no data', (text) => ({ query: text('{ role(name: "NONE") { name } }') })],
    [
      'an argument of the wrong form',
      (text) => ({ query: text('query Q($n: Int) { users(first: $n) { nodes { id } } }'), variables: { n: -1 } }),
    ],
    ['two errors', (text) => ({ query: text('{ a: user(id: "1") { id } b: user(id: "2") { id } }') })],
    [
      'a variable that does not fit',
      (text) => ({ query: text(IntrospectDocument), variables: { input: { token: 5 } } }),
    ],
    ['a variable that is missing', (text) => ({ query: text(IntrospectDocument) })],
    ['another name', (text) => ({ query: text(MeDocument), operationName: 'You' })],
    ['an empty name', (text) => ({ query: text(MeDocument), operationName: '' })],
    ['variables that are a list', (text) => ({ query: text(MeDocument), variables: [] })],
    ['variables that are a text', (text) => ({ query: text(MeDocument), variables: '{}' })],
    ['a name that is a number', (text) => ({ query: text(MeDocument), operationName: 7 })],
    ['extensions that are a list', (text) => ({ query: text(MeDocument), extensions: [] })],
    [
      'a persisted query',
      (text) => ({
        query: text(MeDocument),
        extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
      }),
    ],
    [
      'two operations and a name',
      (text) => ({ query: text('query A { me { id } } query B { me { username } }'), operationName: 'B' }),
    ],
    ['two operations and none', (text) => ({ query: text('query A { me { id } } query B { me { username } }') })],
    ['what costs too much', (text) => ({ query: text(`{ ${aliases(9)} }`) })],
    ['what is no field', (text) => ({ query: text('{ me { secret } }') })],
  ];
  test.each(bodies)('%s', async (_what, bodyOf) => {
    const headers = await bearer();
    const body = bodyOf(anew);
    const first = await send(body, headers);
    expect(await send(body, headers)).toEqual(first);
    expect(await send(body, headers)).toEqual(first);
  });

  test('without a token', async () => {
    const body = { query: anew(MeDocument) };
    const first = await send(body);
    expect(JSON.parse(first.text).errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'missing' });
    expect(await send(body)).toEqual(first);
  });

  const accepts = [
    '*/*',
    'application/json',
    'application/json; charset=utf-8',
    'application/json, text/plain, */*',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json',
    'application/graphql-response+json,application/json;q=0.9',
    'application/graphql-response+json, application/json;q=0.9',
    'application/json, application/graphql-response+json',
    'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
    'application/xml',
    'text/html',
    '',
  ];
  test.each(accepts)('accepting "%s"', async (accept) => {
    const headers = { ...(await bearer()), accept };
    const body = { query: anew(MeDocument) };
    const first = await send(body, headers);
    expect(await send(body, headers)).toEqual(first);
  });
});

const aliases = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `u${i}: users(first: 1000) { nodes { ${FIELDS} } edges { node { ${FIELDS} } } }`,
  ).join(' ');
const FIELDS = 'id username firstName lastName email phone dob isActive isVerified createdAt';

test('a mutation whose variables do not fit does not run, and one that fits runs once', async () => {
  const headers = await bearer();
  const query = anew(CreateRoleDocument);
  const input = { name: 'ONCE', permissions: [], ifExists: 'REFUSE' };
  for (const wrong of [
    { ...input, name: 5 },
    { ...input, ifExists: 'NO_SUCH' },
  ]) {
    expect((await send({ query, variables: { input: wrong } }, headers)).status).toBe(400);
  }
  expect(JSON.parse((await send({ query, variables: { input } }, headers)).text)).toMatchObject({
    data: { createRole: { role: { name: 'ONCE' } } },
  });
  expect((await send({ query, variables: { input: { ...input, name: 5 } } }, headers)).status).toBe(400);
  const [{ count } = { count: 0 }] = await app.sql<{ count: number }>(
    "select count(*)::int as count from roles where name = 'ONCE'",
  );
  expect(count).toBe(1);
});

test('a mutation is refused over GET, and a form of a page that is not ours is, whatever was accepted before', async () => {
  const query = anew('mutation { logout(input: { token: "x" }) { ok } }');
  expect(await send({ query })).toMatchObject({ status: 200 });
  expect(await send({ query })).toMatchObject({ status: 200 });
  const get = await fetch(`${app.url}?query=${encodeURIComponent(query)}`, {
    headers: { 'apollo-require-preflight': 'yes' },
  });
  expect(get.status).toBe(405);
  const form = await send({ query }, { 'content-type': 'text/plain' });
  expect(form.status).toBe(400);
  expect(JSON.parse(form.text)).not.toHaveProperty('data');
});

test('batches are refused, whatever was accepted before', async () => {
  const query = anew('{ __typename }');
  expect(await send({ query })).toMatchObject({ status: 200, text: '{"data":{"__typename":"Query"}}\n' });
  expect(await send([{ query }, { query }])).toMatchObject({ status: 400 });
});
