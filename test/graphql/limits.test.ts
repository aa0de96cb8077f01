import { getIntrospectionQuery } from 'graphql';
import { startApp, type TestApp } from '../support/app';
import { rejected } from '../support/graphql-client';

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await startApp();
  token = await app.admin();
});
afterAll(() => app.close());

const answer = async (query: string, variables?: Record<string, unknown>) => {
  const { status, body } = await app.gql(query, variables, token);
  return { status, body };
};
const tooMuch = (message: string | object) => ({ status: 400, body: rejected('QUERY_TOO_COMPLEX', message) });
const has = (what: string) => tooMuch(`The operation has more than ${what}`);
const times = (count: number, piece: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => piece(i)).join(' ');

describe('an operation that goes up to a limit runs, one past it does not:', () => {
  test('root fields', async () => {
    expect((await answer(`{ ${times(20, (i) => `a${i}: __typename`)} }`)).status).toBe(200);
    expect(await answer(`{ ${times(21, (i) => `a${i}: __typename`)} }`)).toEqual(has('20 root fields'));
    expect(await answer(`{ ${times(21, () => '__typename')} }`)).toEqual(has('20 root fields'));
    expect(
      await answer(
        `{ ...F } fragment F on Query { ${times(11, () => 'me { id }')} ...G } fragment G on Query { ${times(10, () => 'me { id }')} }`,
      ),
    ).toEqual(has('20 root fields'));
  });

  test('aliases', async () => {
    expect((await answer(`{ me { ${times(30, (i) => `a${i}: id`)} } }`)).status).toBe(200);
    expect(await answer(`{ me { ${times(31, (i) => `a${i}: id`)} } }`)).toEqual(has('30 aliases'));
    expect(await answer(`{ me { ...F ...F } } fragment F on User { ${times(16, (i) => `a${i}: id`)} }`)).toEqual(
      has('30 aliases'),
    );
  });

  test('directives', async () => {
    expect((await answer(`{ me { ${times(30, () => 'id @include(if: true)')} } }`)).status).toBe(200);
    expect(await answer(`{ me { ${times(31, () => 'id @include(if: true)')} } }`)).toEqual(has('30 directives'));
    expect(
      await answer(`{ me { ${times(16, () => '... on User @include(if: true) { id @skip(if: false) }')} } }`),
    ).toEqual(has('30 directives'));
  });

  test('fields', async () => {
    const fields = (each: number) =>
      `{ ${times(20, (i) => `a${i}: roles { ${times(each - 1, () => '__typename')} }`)} }`;
    expect((await answer(fields(50))).status).toBe(200);
    expect(await answer(fields(51))).toEqual(has('1000 fields'));
  });

  test('tokens', async () => {
    const words = (count: number) =>
      `mutation { createUser(input: { username: "a", password: "b", roles: [${'"a" '.repeat(count)}] }) { user { id } } }`;
    expect((await answer(words(1970))).status).toBe(200);
    expect(await answer(words(1990))).toEqual({
      status: 400,
      body: rejected('GRAPHQL_PARSE_FAILED', 'Syntax Error: Document contains more that 2000 tokens. Parsing aborted.'),
    });
    expect((await answer('{ me { id } } '.repeat(100_000).slice(0, 120_000))).status).toBe(400);
    expect((await answer('{ me { id } } '.repeat(100_000).slice(0, 900_000))).status).toBe(413);
    expect((await answer('{'.repeat(100_000))).status).toBe(400);
    expect((await answer(`{ me(a: ${'['.repeat(50_000)}`)).status).toBe(400);
  });

  test('cost, which multiplies pages by what is asked of each user', async () => {
    const query =
      'query($n: Int) { users(first: $n) { nodes { id username roles { name permissions { name } } } totalCount } }';
    expect((await answer(query, { n: 1000 })).status).toBe(200);
    const six = `query($n: Int) { ${times(6, (i) => `a${i}: users(first: $n) { nodes { id username roles { name permissions { name } } } totalCount }`)} }`;
    expect((await answer(six, { n: 50 })).status).toBe(200);
    expect(await answer(six, { n: 1000 })).toEqual(
      tooMuch(
        expect.stringMatching(
          /^The operation costs \d+ fields, and 100000 are allowed: ask for smaller pages or fewer fields$/,
        ),
      ),
    );
  });
});

test.each([
  ['a field', 'id'],
  ['a fragment that does not exist', '...Nowhere'],
  ['the first of them', '...F0'],
  ['a field of no type', 'nothing'],
  ['introspection', '__typename'],
])('forty fragments that each spread the next one twice, down to %s: refused at once', async (_what, bottom) => {
  const bomb = times(40, (i) => `fragment F${i} on User { ${i < 39 ? `...F${i + 1} ...F${i + 1}` : bottom} }`);
  expect((await answer(`{ me { ...F0 } } ${bomb}`)).status).toBe(400);
});

test('a page of every field of a thousand users is within the cost', async () => {
  const query = `{ users(first: 1000) {
    edges { cursor node { id username firstName lastName email phone dob isActive isVerified createdAt lastLoginAt roles { id name description precedence permissions { name description } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  } }`;
  expect((await answer(query)).body).not.toHaveProperty('errors');
});

test('the query of playgrounds and code generators, which asks for the whole schema, is no excess', async () => {
  for (const options of [
    {},
    {
      descriptions: true,
      specifiedByUrl: true,
      inputValueDeprecation: true,
      schemaDescription: true,
      directiveIsRepeatable: true,
    },
  ]) {
    const { status, body } = await answer(getIntrospectionQuery(options));
    expect([status, Object.keys(body)]).toEqual([200, ['data']]);
  }
});

test.each([
  ['fragments that spread themselves', '{ me { ...A } } fragment A on User { ...A }'],
  ['fragments that spread each other', '{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }'],
  ['a fragment that does not exist', '{ me { ...A } }'],
  ['a field that does not exist', '{ me { secret } }'],
  ['a directive that does not exist', '{ me { id @secret } }'],
  ['@defer, which is not offered', '{ me { ... @defer { id } } }'],
  ['variables that are not declared', 'query { user(id: $id) { id } }'],
  ['two operations and none named', 'query A { me { id } } query B { me { id } }'],
  ['a subscription', 'subscription { me { id } }'],
  ['nothing', ''],
  ['a fragment alone', 'fragment A on User { id }'],
  ['a type definition', 'type A { b: Int }'],
  [
    'recursive introspection',
    `{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }`.replace(
      'types',
      `${times(40, (i) => `a${i}: types { name }`)} types`,
    ),
  ],
])('%s: refused with 400 and a code', async (_what, query) => {
  const { status, body } = await answer(query);
  expect(status).toBe(400);
  expect(Object.keys(body)).toEqual(['errors']);
  for (const { extensions } of body.errors!) {
    expect(Object.keys(extensions!)).toEqual(['code']);
    expect([
      'GRAPHQL_VALIDATION_FAILED',
      'GRAPHQL_PARSE_FAILED',
      'QUERY_TOO_COMPLEX',
      'OPERATION_RESOLUTION_FAILURE',
      'BAD_REQUEST',
    ]).toContain(extensions!.code);
  }
});
