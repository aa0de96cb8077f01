import { startApp } from '../support/app';
import { freePort } from '../support/environment';
import type { Loose } from '../support/rest';

let description: Loose;
let gateway: string;

beforeAll(async () => {
  const port = await freePort();
  gateway = `http://id.example.org:${port}`;
  const app = await startApp({ env: { PUBLIC_URL: 'http://id.example.org/id', GATEWAY_PORT: String(port) } });
  description = await (await fetch(`${app.origin}/openapi.json`)).json();
});

const operations = (): [path: string, method: string, operation: Loose][] =>
  Object.entries<Loose>(description.paths).flatMap(([path, { servers: _, ...methods }]) =>
    Object.entries<Loose>(methods).map(([method, operation]): [string, string, Loose] => [path, method, operation]),
  );

test('names PUBLIC_URL as its server', () => {
  expect(description.servers).toEqual([{ url: 'http://id.example.org/id' }]);
});

test('has the paths of every channel, each with the addresses that serve it', () => {
  const main = 'http://id.example.org/id';
  const servers = (path: string) => description.paths[path].servers?.map(({ url }: Loose) => url) ?? [main];
  expect({
    '/graphql': servers('/graphql'),
    '/identity/users': servers('/identity/users'),
    '/api/auth/login': servers('/api/auth/login'),
    '/api/public/signin': servers('/api/public/signin'),
    '/auth/users': servers('/auth/users'),
    '/auth/auth/token': servers('/auth/auth/token'),
    '/auth/token': servers('/auth/token'),
  }).toEqual({
    '/graphql': [main],
    '/identity/users': [main],
    '/api/auth/login': [main, gateway],
    '/api/public/signin': [main, gateway],
    '/auth/users': [gateway],
    '/auth/auth/token': [gateway],
    '/auth/token': [gateway],
  });
});

test('has operation ids that make good function names, each once', () => {
  const ids = operations().map(([, , { operationId }]) => operationId as string);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  expect(ids).toEqual(expect.arrayContaining(['login', 'listUsers', 'openSession', 'signInAtKong', 'gatewayLogin']));
});

test('has a named schema for every body', () => {
  const bodies = operations()
    .filter(
      ([path]) =>
        !['/graphql', '/graphql/stream', '/health/live', '/health/ready', '/.well-known/jwks.json'].includes(path),
    )
    .flatMap(([, , { requestBody, responses }]) => [requestBody, ...Object.values<Loose>(responses)])
    .flatMap((body) => (body?.content ? [body.content['application/json'].schema] : []));
  for (const schema of bodies) {
    expect(schema).toEqual({ $ref: expect.stringMatching(/^#\/components\/schemas\/[A-Z]\w+$/) });
    expect(description.components.schemas).toHaveProperty(schema.$ref.split('/').at(-1));
  }
  const { login, listUsers } = Object.fromEntries(
    operations().map(([, , operation]) => [operation.operationId, operation]),
  );
  expect(login.requestBody.content['application/json'].schema.$ref).toMatch(/\/LoginRequest$/);
  expect(listUsers.responses[200].content['application/json'].schema.$ref).toMatch(/\/ListUsersResponse$/);
});

test('says which token a channel takes, and where its login returns it', () => {
  const of = (path: string, method: string) => description.paths[path][method];
  expect(of('/identity/users', 'get').security).toEqual([{ identityToken: [] }]);
  expect(of('/api/users/{id}/profile', 'get').security).toEqual([{ sessionToken: [] }]);
  expect(of('/identity/auth/token', 'post')['x-authorizes']).toEqual({
    scheme: 'identityToken',
    tokenAt: '/result/token',
  });
  expect(of('/api/auth/login', 'post')['x-authorizes']).toEqual({ scheme: 'sessionToken', tokenAt: '/accessToken' });
  const schemes = Object.keys(description.components.securitySchemes);
  expect(schemes).toEqual(['identityToken', 'sessionToken', 'kongToken']);
});

test('leaves the paths of the gateway port out where there is none', async () => {
  const app = await startApp({ env: { GATEWAY_PORT: 'off' } });
  const { servers, paths } = (await (await fetch(`${app.origin}/openapi.json`)).json()) as Loose;
  expect(servers).toEqual([{ url: '/' }]);
  expect(Object.keys(paths).filter((path) => path.startsWith('/auth/'))).toEqual([]);
  expect(paths['/api/auth/login']).not.toHaveProperty('servers');
});
