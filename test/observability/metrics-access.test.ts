import http from 'node:http';
import { type Options, startApp, type TestApp } from '../support/app';
import { freePort } from '../support/environment';

const TOKEN = 'a5c1f0e2d3b4968778695a4b3c2d1e0f';

const PRODUCTION = { NODE_ENV: 'production', BCRYPT_COST: '10', ADMIN_PASSWORD: 'correct horse 27 battery' };

interface Answer {
  status: number | undefined;
  text: string;
  headers: http.IncomingHttpHeaders;
}

function get(port: number | string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/metrics', headers }, (response) => {
      let text = '';
      response
        .on('data', (chunk) => (text += chunk))
        .on('end', () => resolve({ status: response.statusCode, text, headers: response.headers }));
    });
    request.on('error', reject);
  });
}

async function withApp(env: Options['env'], work: (port: string, app: TestApp) => Promise<void>): Promise<void> {
  const app = await startApp({ env: env ?? {} });
  try {
    await work(new URL(app.origin).port, app);
  } finally {
    await app.close();
  }
}

test('in development a program of the machine reads them, and no one through a proxy or under a website’s name', () =>
  withApp({ HOST: '0.0.0.0', TRUST_PROXY: 'loopback' }, async (port) => {
    const answer = await get(port);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    const foreign: Record<string, string>[] = [
      { 'x-forwarded-for': '203.0.113.5' },
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1' },
      { 'x-real-ip': '203.0.113.5' },
      { host: 'evil.example' },
    ];
    for (const headers of foreign) expect([headers, (await get(port, headers)).status]).toEqual([headers, 403]);
    expect(JSON.parse((await get(port, { host: 'evil.example' })).text)).toEqual({
      code: 'FORBIDDEN',
      message: expect.stringContaining('METRICS_TOKEN'),
    });
  }));

test('a token is needed where one is set, and compared whole', () =>
  withApp({ ...PRODUCTION, METRICS_TOKEN: TOKEN }, async (port) => {
    for (const authorization of [
      undefined,
      'Bearer',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Basic ${TOKEN}`,
    ]) {
      const answer = await get(port, authorization === undefined ? {} : { authorization });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="metrics"');
      expect(answer.text).not.toContain('identity_');
    }
    expect((await get(port, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    // as Prometheus behind the same proxy as everyone else
    expect((await get(port, { authorization: `bearer ${TOKEN}`, 'x-forwarded-for': '203.0.113.5' })).status).toBe(200);
  }));

test('in production without a token or a port there are none', () =>
  withApp(PRODUCTION, async (port) => {
    expect((await get(port)).status).toBe(404);
  }));

test('a port of their own has them alone, and the main port does not', async () => {
  const metricsPort = await freePort();
  await withApp({ METRICS_PORT: String(metricsPort), HOST: 'localhost' }, async (port) => {
    expect((await get(port)).status).toBe(404);
    expect((await get(metricsPort)).text).toContain('# TYPE identity_operations_total counter');
    expect((await get(metricsPort, { host: 'evil.example' })).status).toBe(421); // a website in the browser
    const graphql = await fetch(`http://127.0.0.1:${metricsPort}/graphql`, { method: 'POST' });
    expect(graphql.status).toBe(404);
  });
});
