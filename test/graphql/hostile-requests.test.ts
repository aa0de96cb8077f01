import { getIntrospectionQuery } from 'graphql';
import { LoginDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { rejected } from '../support/graphql-client';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

async function send(body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as string,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const bearer = async () => ({ authorization: `Bearer ${await app.admin()}` });
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const nestedObject = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('a body of /graphql', () => {
  const padded = (bytes: number) => {
    const body = JSON.stringify({ query: '{ __typename }', extensions: { padding: '' } });
    return body.replace('""', `"${'x'.repeat(bytes - body.length)}"`);
  };

  test('of 128 KB is read, and a larger one is answered with 413', async () => {
    expect((await send(padded(131_072))).status).toBe(200);
    const { status, body } = await send(padded(131_073));
    expect([status, body]).toEqual([
      413,
      { errors: [{ message: 'Request body is too large', extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });

  test('has the limit of GRAPHQL_BODY_LIMIT', async () => {
    const other = await startApp({ env: { GRAPHQL_BODY_LIMIT: '2000' } });
    try {
      const statusOf = async (bytes: number) =>
        (
          await fetch(other.url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: padded(bytes),
          })
        ).status;
      expect([await statusOf(2000), await statusOf(2001)]).toEqual([200, 413]);
    } finally {
      await other.close();
    }
  });

  test('that is not UTF-8 is answered with 400, so that no password stands for another', async () => {
    const login = { query: 'mutation L($i: LoginInput!) { login(input: $i) { tokens { accessToken } } }' };
    const user = await app.user();
    const json = JSON.stringify({ ...login, variables: { i: { username: user.username, password: `${PASSWORD}#` } } });
    const [head = '', tail = ''] = json.split('#');
    for (const byte of [0xff, 0xfe, 0xc0]) {
      const bytes = Buffer.concat([Buffer.from(head), Buffer.from([byte]), Buffer.from(tail)]);
      const { status, body } = await send(bytes);
      expect([status, body]).toEqual([
        400,
        { errors: [{ message: 'The body is not valid UTF-8', extensions: { code: 'BAD_REQUEST' } }] },
      ]);
    }
  });

  test('that is not UTF-8 is answered with 400 by streams and forms too', async () => {
    const refusedBy = async (path: string, type: string, body: Uint8Array<ArrayBuffer> | string) => {
      const headers = { 'content-type': type };
      const response = await fetch(`${app.origin}${path}`, { method: 'POST', headers, body });
      expect([path, response.status, await response.text()]).toEqual([
        path,
        400,
        expect.stringMatching(/The (body|form) is not valid UTF-8/),
      ]);
    };
    const stream = Buffer.from('{"query":"subscription { accountChanged { kind } }","operationName":"\xff"}', 'latin1');
    await refusedBy('/graphql/stream', 'application/json', stream);
    for (const path of ['/accept-invitation', '/verify-email'])
      for (const body of ['password=%ff', 'password=100%&username=%c3', Buffer.from('password=\xff', 'latin1')])
        await refusedBy(path, 'application/x-www-form-urlencoded', body);
  });
});

describe('a variable nested 5,000 deep is answered with 400', () => {
  const cases: [string, string, string][] = [
    ['where the cost depends on it', 'query Q($v: Int) { users(first: $v) { nodes { id } } }', nested(5000)],
    ['in a filter', 'query Q($v: UserFilterInput) { users(filter: $v) { nodes { id } } }', nestedObject(5000)],
    ['in an input', 'mutation M($v: LoginInput!) { login(input: $v) { user { id } } }', nestedObject(5000)],
    [
      'in a list',
      'mutation M($v: [String!]) { createRole(input: {name: "X", permissions: $v}) { role { name } } }',
      nested(5000),
    ],
  ];
  test.each(cases)('%s, first seen and known', async (_where, query, value) => {
    const body = `{"query":${JSON.stringify(query)},"variables":{"v":${value}}}`;
    const headers = await bearer();
    for (let i = 0; i < 3; i++) {
      const answer = await send(body, headers);
      expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    }
    const known = { query, variables: { v: null } };
    await send(JSON.stringify(known), headers);
    expect((await send(body, headers)).status).toBe(400);
  });

  test('unless it is not declared: then it is dropped', async () => {
    const query = '{ me { username } }';
    const body = `{"query":${JSON.stringify(query)},"variables":{"junk":${nestedObject(5000)}}}`;
    for (let i = 0; i < 2; i++)
      expect((await send(body, await bearer())).body).toEqual({ data: { me: { username: 'admin' } } });
  });
});

describe('introspection', () => {
  test('of the usual tools is answered', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true });
    expect((await send(JSON.stringify({ query }))).status).toBe(200);
  });

  test('that multiplies its lists costs too much', async () => {
    const aliases = (prefix: string, selection: string) =>
      Array.from({ length: 15 }, (_, i) => `${prefix}${i}:fields{${selection}}`).join(' ');
    const query = `{ __schema { types { ...F } } } fragment F on __Type { ${aliases('a', 'type{...G}')} } fragment G on __Type { ${aliases('b', 'name')} }`;
    expect(await send(JSON.stringify({ query }))).toMatchObject({
      status: 400,
      body: rejected('QUERY_TOO_COMPLEX', 'The operation has more than 30 aliases'),
    });
    const whole = getIntrospectionQuery();
    const selection = whole.slice(whole.indexOf('__schema'), whole.indexOf('fragment')).replace(/\}\s*$/, '');
    const fragments = whole.slice(whole.indexOf('fragment'));
    const times = (count: number) =>
      `{ ${Array.from({ length: count }, (_, i) => `a${i}: ${selection}`).join(' ')} } ${fragments}`;
    expect((await send(JSON.stringify({ query: times(1) }))).status).toBe(200);
    expect(await send(JSON.stringify({ query: times(3) }))).toMatchObject({
      status: 400,
      body: rejected('QUERY_TOO_COMPLEX', expect.stringMatching(/^The operation costs/)),
    });
  });
});

test('an operation beyond the limits is not compared field by field: its one error is the limit', async () => {
  const query = `{ ${'me{id} '.repeat(300)} }`;
  const { status, body } = await send(JSON.stringify({ query }));
  expect([status, body.errors.length, body.errors[0].extensions.code]).toEqual([400, 1, 'QUERY_TOO_COMPLEX']);
});

describe('clients without a token', () => {
  let limited: TestApp;
  beforeAll(async () => {
    limited = await startApp({ env: { ANONYMOUS_COST_LIMIT: '100/60' } });
  });
  afterAll(() => limited.close());

  const post = async (query: string, token?: string) => {
    const response = await fetch(limited.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
  };

  test('are limited by what their documents cost, and others are not', async () => {
    const token = await limited.admin();
    // each pair of equal fields is compared
    const expensive = (i: number) => `# ${i}\n{ __schema { types { ${'name '.repeat(1900)} } } }`;
    let answer = await post(expensive(0));
    expect(answer.status).not.toBe(429);
    for (let i = 1; i < 500 && answer.status !== 429; i++) answer = await post(expensive(i));
    expect(answer).toEqual({
      status: 429,
      retryAfter: expect.stringMatching(/^([1-9]|[1-5]\d|60)$/),
      body: {
        errors: [
          {
            message: expect.stringMatching(/^Too many attempts/),
            extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) },
          },
        ],
      },
    });
    expect((await post(expensive(0), token)).status).not.toBe(429);
    limited.clock.advance(61);
    expect((await post('{ __typename }')).status).toBe(200);
  });

  test('are limited at the streams by the same budget', async () => {
    const stream = async (i: number) => {
      const response = await fetch(`${limited.url}/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: `# ${i}\nsubscription { accountChanged { ${'kind '.repeat(300)} } }` }),
      });
      await response.text();
      return [response.status, response.headers.get('retry-after') !== null];
    };
    let answer = await stream(0);
    expect(answer).toEqual([401, false]);
    for (let i = 1; i < 500 && answer[0] === 401; i++) answer = await stream(i);
    expect(answer).toEqual([429, true]);
    limited.clock.advance(61);
  });

  test('may run as many ordinary operations as they like', async () => {
    for (let i = 0; i < 300; i++) expect((await post('{ __typename }')).status).toBe(200);
    expect(
      (await limited.gql(LoginDocument, { input: { username: 'admin', password: 'no' } })).body.errors,
    ).toBeDefined();
  });
});
