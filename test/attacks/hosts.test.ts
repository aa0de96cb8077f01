import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let ports: number[];
beforeAll(async () => {
  app = await startApp({ env: { GATEWAY_PORT: '0', PUBLIC_URL: 'http://id_1.example-x.org' } });
  const gateway = app.app.gatewayHttp?.server.address() as AddressInfo;
  ports = [Number(new URL(app.origin).port), gateway.port];
});
afterAll(() => app.close());

/** Sends a request as it is written, since clients refuse to send such headers. @returns the status and the body */
async function send(port: number, target: string, headers: string[]): Promise<{ status: number; body: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.end(`${target} HTTP/1.1\r\n${[...headers, 'connection: close'].join('\r\n')}\r\n\r\n`);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text;
  });
  await once(socket, 'close');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), body: answer.split('\r\n\r\n')[1] ?? '' };
}

const routes = [
  'GET /health/live',
  'GET /graphql?query=%7B__typename%7D',
  'POST /graphql',
  'GET /docs',
  'GET /openapi.json',
  'GET /.well-known/jwks.json',
  'GET /verify-email?token=x',
  'POST /verify-email',
  'GET /identity/users',
  'POST /identity/auth/token',
  'POST /auth/token',
  'POST /api/auth/login',
  'OPTIONS /identity/users',
  'GET /nothing/here',
];

describe.each([
  '[',
  ']',
  '[::1',
  '[not-an-address]',
  'a b',
  '::',
  '%',
  '%41',
  'a/b',
  'a@b',
  'a:b',
  'a:99999',
  '1.2.3.256',
  '\\',
  'ế',
])('Host: %s', (host) => {
  test('is refused with 400 on every route', async () => {
    for (const port of ports)
      for (const route of routes)
        expect([route, (await send(port, route, [`host: ${host}`])).status]).toEqual([route, 400]);
  });
});

test('two Host headers are refused with 400, also two equal ones', async () => {
  for (const hosts of [
    ['localhost', 'localhost'],
    ['localhost', 'evil.example'],
    ['evil.example', 'localhost'],
  ])
    for (const route of routes)
      expect(
        (
          await send(
            ports[0]!,
            route,
            hosts.map((host) => `Host: ${host}`),
          )
        ).status,
      ).toBe(400);
});

test('each channel refuses in its own form', async () => {
  expect(JSON.parse((await send(ports[0]!, 'GET /graphql', ['host: %'])).body)).toEqual({
    errors: [{ message: 'The Host header is not valid', extensions: { code: 'BAD_REQUEST' } }],
  });
  expect(JSON.parse((await send(ports[0]!, 'GET /identity/users', ['host: %'])).body)).toMatchObject({ code: 1001 });
  expect(JSON.parse((await send(ports[0]!, 'GET /nothing', ['host: %'])).body)).toEqual({
    code: 'BAD_REQUEST',
    message: 'The Host header is not valid',
  });
});

test.each(['localhost', 'LOCALHOST:9000', '127.0.0.1:80', '[::1]:9000', 'id_1.example-x.org', 'localhost:', ''])(
  'Host: %s is answered',
  async (host) => {
    expect((await send(ports[0]!, 'GET /health/live', [`host: ${host}`])).status).toBe(200);
  },
);
