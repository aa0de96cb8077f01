import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { apiDocsPlugin } from '../../src/http/plugins/api-docs.plugin';
import { playgroundPlugin } from '../../src/http/plugins/playground.plugin';

const SCRIPT = 'globalThis.started = true;';
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PLAYGROUND_POLICY = DOCS_POLICY.replace('img-src', "worker-src 'self' blob:; img-src");

describe('the built pages', () => {
  let folder: string;
  let app: FastifyInstance;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'pages-'));
    mkdirSync(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, 'index.html'), '<!doctype html><meta content="{{openApiUrl}}">');
    writeFileSync(path.join(folder, 'assets/page-ABCD1234.js'), SCRIPT);
    writeFileSync(path.join(folder, 'assets/page-ABCD1234.js.gz'), gzipSync(SCRIPT));
    app = Fastify();
    app.get('/other', async () => 'other');
  });

  afterEach(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the playground comes under its own policy, which other routes do not get', async () => {
    app.register(playgroundPlugin({ enabled: true, assetsDir: folder }));
    const page = await app.inject('/playground');
    expect([page.statusCode, page.body]).toEqual([200, '<!doctype html><meta content="{{openApiUrl}}">']);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': PLAYGROUND_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect((await app.inject('/other')).headers).not.toHaveProperty('content-security-policy');
  });

  test('assets may be cached for a year, travel compressed, and carry the policy that workers start under', async () => {
    app.register(playgroundPlugin({ enabled: true, assetsDir: folder }));
    const url = '/playground/assets/page-ABCD1234.js';
    const plain = await app.inject({ url });
    expect([plain.statusCode, plain.body]).toEqual([200, SCRIPT]);
    expect(plain.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'application/javascript; charset=utf-8',
      'content-security-policy': PLAYGROUND_POLICY,
    });
    const compressed = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } });
    expect(compressed.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'application/javascript; charset=utf-8',
    });
    expect(gunzipSync(compressed.rawPayload).toString()).toBe(SCRIPT);
  });

  test('nothing outside the assets is served', async () => {
    app.register(playgroundPlugin({ enabled: true, assetsDir: folder }));
    const urls = [
      '/playground/assets/',
      '/playground/assets/none.js',
      '/playground/assets/..%2findex.html',
      '/playground/index.html',
    ];
    const answers = await Promise.all(urls.map((url) => app.inject(url)));
    expect(answers.map(({ statusCode }) => statusCode).every((status) => status === 404 || status === 403)).toBe(true);
  });

  test('an address that ends in a slash leads to the page, behind a path prefix too', async () => {
    app.register(playgroundPlugin({ enabled: true, assetsDir: folder }));
    const answer = await app.inject('/playground/');
    expect([answer.statusCode, answer.headers.location]).toEqual([308, '../playground']);
  });

  test('a disabled playground is a path that does not exist', async () => {
    app.register(playgroundPlugin({ enabled: false, assetsDir: folder }));
    for (const url of ['/playground', '/playground/', '/playground/assets/page-ABCD1234.js']) {
      expect((await app.inject(url)).statusCode).toBe(404);
    }
  });

  test('a page that was not built says how to build it', async () => {
    const assetsDir = path.join(folder, 'nothing-here');
    app.register(playgroundPlugin({ enabled: true, assetsDir }));
    app.register(apiDocsPlugin({ openApiUrl: '/openapi.json', gatewayOrigin: null, assetsDir }));
    const answers = await Promise.all(
      ['/playground', '/playground/assets/x.js', '/docs'].map((url) => app.inject(url)),
    );
    expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual([
      [503, 'The playground was not built: run `npm run build` and start the server again.\n'],
      [503, 'The playground was not built: run `npm run build` and start the server again.\n'],
      [503, 'The API reference was not built: run `npm run build` and start the server again.\n'],
    ]);
    expect(answers[0].headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  test('the API reference names its document, as text and never as markup', async () => {
    app.register(apiDocsPlugin({ openApiUrl: '/open"><script>.json', gatewayOrigin: null, assetsDir: folder }));
    const page = await app.inject('/docs');
    expect(page.body).toBe('<!doctype html><meta content="/open&quot;&gt;&lt;script&gt;.json">');
    expect(page.headers['content-security-policy']).toBe(DOCS_POLICY);
  });
});
