import { ADMIN, startApp, type TestApp } from '../support/app';

/** GraphQL over HTTP: what is a request, what is none, and what a browser may be made to send. */
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const MUTATION = `mutation { login(input: { username: "${ADMIN.username}", password: "${ADMIN.password}" }) { user { username } } }`;
const get = (
  query: string,
  headers: Record<string, string> = { 'apollo-require-preflight': 'yes' },
  origin = app.origin,
) => fetch(`${origin}/graphql?query=${encodeURIComponent(query)}`, { headers });
const post = (body: string, headers: Record<string, string>, path = '/graphql') =>
  fetch(`${app.origin}${path}`, { method: 'POST', body, headers });
const JSON_TYPE = { 'content-type': 'application/json' };
const logins = async () => (await app.sql<{ n: number }>('select count(*)::int as n from login_attempts'))[0]!.n;

describe('a mutation', () => {
  test('by GET is 405, names the method to use, and has no effect', async () => {
    const before = await logins();
    const response = await get(MUTATION);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'GET requests only support query operations, not mutation operations',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
    expect(await logins()).toBe(before);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'that a browser sends across origins without asking ("%s") is refused, and does nothing',
    async (type) => {
      const before = await logins();
      const body = new Blob([JSON.stringify({ query: MUTATION })]); // a Blob without a type sends no content-type at all
      const response = await fetch(app.url, {
        method: 'POST',
        body,
        headers: { ...(type && { 'content-type': type }), origin: 'https://evil.example' },
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).not.toContain(ADMIN.username);
      expect(await logins()).toBe(before);
    },
  );
});

describe('a query by GET', () => {
  test('is answered with a header that forms and images of other sites cannot send', async () => {
    const response = await get('{ __typename }');
    expect([response.status, await response.json()]).toEqual([200, { data: { __typename: 'Query' } }]);
  });

  test('is refused without such a header', async () => {
    const response = await get('{ __typename }', {});
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [{ message: expect.stringContaining('Cross-Site Request Forgery'), extensions: { code: 'BAD_REQUEST' } }],
    });
  });
});

test.each(['PUT', 'DELETE', 'PATCH'])('%s is 405', async (method) => {
  const response = await fetch(app.url, { method, ...(method !== 'DELETE' && { body: '{}', headers: JSON_TYPE }) });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
  expect(await response.json()).toEqual({
    errors: [{ message: 'GraphQL takes GET and POST', extensions: { code: 'BAD_REQUEST' } }],
  });
});

test('the root is a page that links what there is', async () => {
  const response = await fetch(app.origin);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const page = await response.text();
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, path]) => path!);
  expect(links).toEqual(['console', 'playground', 'docs', 'openapi.json', 'health']);
  for (const link of links) expect([link, (await fetch(new URL(link, `${app.origin}/`))).status]).toEqual([link, 200]);
});

describe('a body that is no request', () => {
  test.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['a list: batches are not supported', '[{"query":"{ __typename }"},{"query":"{ __typename }"}]'],
    ['a text', '"{ __typename }"'],
    ['null', 'null'],
    ['a number', '7'],
    ['no query', '{"operationName":"A"}'],
    ['a query that is a number', '{"query":7}'],
    ['variables that are a text', '{"query":"{ __typename }","variables":"x"}'],
    ['variables that are a list', '{"query":"{ __typename }","variables":[1]}'],
    ['an operation name that is an object', '{"query":"{ __typename }","operationName":{}}'],
    ['an operation that is not in it', '{"query":"query A { __typename }","operationName":"B"}'],
    ['members that poison prototypes', '{"__proto__":{"query":"{ __typename }"}}'],
  ])('%s: 400, with nothing internal', async (_what, body) => {
    const response = await post(body, JSON_TYPE);
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('application/json'),
    ]);
    expect(JSON.parse(text)).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: expect.stringMatching(/^[A-Z_]+$/) } }],
    });
    expect(text).not.toMatch(/node_modules|\bat \w+.*\(|\.ts:|\.js:|stack/);
  });

  test('a persisted query is refused with the code that its clients expect', async () => {
    const response = await post('{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"abc"}}}', JSON_TYPE);
    expect(await response.json()).toEqual({
      errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    });
  });

  test('more than a megabyte: 413', async () => {
    const response = await post(JSON.stringify({ query: '{ __typename }', padding: 'x'.repeat(1_100_000) }), JSON_TYPE);
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({
      errors: [{ message: 'Request body is too large', extensions: { code: 'BAD_REQUEST' } }],
    });
  });

  test('an unsupported content encoding is refused', async () => {
    const response = await post('{"query":"{ __typename }"}', { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect([response.status, await response.json()]).toEqual([200, { data: { __typename: 'Query' } }]);
  });
});

describe('an answer', () => {
  test('is not cached, and its type is not sniffed', async () => {
    const { headers } = await post('{"query":"{ __typename }"}', JSON_TYPE);
    expect(
      Object.fromEntries(
        ['cache-control', 'x-content-type-options', 'content-type'].map((name) => [name, headers.get(name)]),
      ),
    ).toEqual({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
  });

  test('comes as application/graphql-response+json where that is wanted, with 400 for a request that is none', async () => {
    const accept = { ...JSON_TYPE, accept: 'application/graphql-response+json' };
    const good = await post('{"query":"{ __typename }"}', accept);
    expect([good.status, good.headers.get('content-type')]).toEqual([
      200,
      'application/graphql-response+json; charset=utf-8',
    ]);
    const bad = await post('{"query":"{"}', accept);
    expect([bad.status, bad.headers.get('content-type')]).toEqual([
      400,
      'application/graphql-response+json; charset=utf-8',
    ]);
    expect((await post('{"query":"{ __typename }"}', { ...JSON_TYPE, accept: 'text/html' })).status).toBe(406);
  });

  test('an origin that is allowed may read it, credentials included; another one may not', async () => {
    const ask = async (origin: string) => (await post('{"query":"{ __typename }"}', { ...JSON_TYPE, origin })).headers;
    const allowed = await ask('http://localhost:3000');
    expect([allowed.get('access-control-allow-origin'), allowed.get('access-control-allow-credentials')]).toEqual([
      'http://localhost:3000',
      'true',
    ]);
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:3000.evil.example',
      'http://localhost:30001',
    ])
      expect((await ask(origin)).get('access-control-allow-origin')).toBeNull();
  });
});

const PRODUCTION = { NODE_ENV: 'production', BCRYPT_COST: '10', ADMIN_PASSWORD: 'four unusual words together' };

describe('in production', () => {
  let production: TestApp;
  beforeAll(async () => {
    production = await startApp({ env: PRODUCTION });
  });
  afterAll(() => production.close());

  test('the schema is not shown', async () => {
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "User") { fields { name } } }']) {
      const { status, body } = await production.gql(query);
      expect([status, body.errors?.[0]?.extensions?.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
      expect(JSON.stringify(body)).not.toContain('"data"');
    }
    expect((await production.gql('{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
  });

  test.each([
    '{ mee { id } }',
    '{ me { usernam } }',
    'mutation { logn { ok } }',
    '{ user(i: 1) { id } }',
    'mutation { login(input: { user: "a" }) { user { id } } }',
  ])('nothing is suggested for %s', async (query) => {
    const { body } = await production.gql(query);
    expect(JSON.stringify(body)).not.toMatch(/did you mean|suggest/i);
  });

  test('nor for members of an input in variables', async () => {
    const { body } = await production.gql('mutation($i: LoginInput!) { login(input: $i) { user { id } } }', {
      i: { usernam: 'a' },
    });
    expect(JSON.stringify(body)).not.toMatch(/did you mean/i);
  });

  test('there is no playground', async () => {
    const response = await fetch(`${production.origin}/playground`);
    expect([response.status, await response.json()]).toEqual([
      404,
      { code: 'NOT_FOUND', message: 'There is nothing at GET /playground' },
    ]);
  });

  test('both are there where they are asked for', async () => {
    const open = await startApp({
      env: { ...PRODUCTION, INTROSPECTION: 'on', PLAYGROUND: 'on' },
    });
    expect((await open.gql('{ __schema { queryType { name } } }')).body).toEqual({
      data: { __schema: { queryType: { name: 'Query' } } },
    });
    const page = await fetch(`${open.origin}/playground`);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("default-src 'none'"),
    ]);
    await open.close();
  });
});

test.each([
  ['/health/live', { status: 'ok' }],
  ['/health/ready', { status: 'ok', dependencies: { database: 'up', 'change-feed': 'up' } }],
  ['/.well-known/jwks.json', { keys: [] }],
])('%s answers', async (path, expected) => {
  const response = await fetch(app.origin + path);
  expect([response.status, await response.json()]).toEqual([200, expected]);
});
