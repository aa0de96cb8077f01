import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { startApp, type TestApp } from '../support/app';

/** The answer to a page that reaches the server under this name; with `Origin: null` under `no-referrer`. */
function ask(
  port: number,
  host: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get(
      { host: '127.0.0.1', port, path: '/health/live', headers: { host, origin: `http://${host}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk)).on('end', () => resolve({ status: response.statusCode, text }));
      },
    );
    request.on('error', reject);
  });
}

describe('a development server', () => {
  let app: TestApp;
  let ports: number[];
  beforeAll(async () => {
    app = await startApp({
      env: { HOST: 'localhost', GATEWAY_PORT: '0', PUBLIC_URL: 'http://id.test:9000', TRUST_PROXY: 'loopback' },
    });
    const gateway = app.app.gatewayHttp?.server.address() as AddressInfo;
    ports = [Number(new URL(app.origin).port), gateway.port];
  });
  afterAll(() => app.close());

  test.each(['evil.example', 'evil.example:9000', 'localhost.evil.example', '127.0.0.1.evil.example'])(
    'refuses the name %s, which a website can make point here, at both ports',
    async (name) => {
      for (const port of ports) {
        for (const forwarded of ['', 'localhost']) {
          const answer = await ask(port, name, { 'x-forwarded-host': forwarded });
          expect(answer.status).toBe(421);
          expect(JSON.parse(answer.text)).toEqual({
            code: 'BAD_REQUEST',
            message: expect.stringContaining('set PUBLIC_URL'),
          });
        }
      }
    },
  );

  test.each([
    'localhost',
    'LOCALHOST:9000',
    'app.localhost:3000',
    '127.0.0.1:9000',
    '[::1]:9000',
    'identity:9000',
    'id.test',
    'id.test:9000',
  ])('answers to %s', async (name) => {
    expect((await ask(ports[0]!, name)).status).toBe(200);
  });

  test.each(['null', 'http://other.example', 'http://localhost:3000'])(
    'refuses a foreign name with any Origin header (%s)',
    async (origin) => {
      for (const port of ports) expect((await ask(port, 'evil.example', { origin })).status).toBe(421);
    },
  );
});

test('a server that is open to others answers to any name', async () => {
  const app = await startApp({ env: { HOST: '0.0.0.0' } });
  try {
    expect((await ask(Number(new URL(app.origin).port), 'identity.example')).status).toBe(200);
  } finally {
    await app.close();
  }
});
