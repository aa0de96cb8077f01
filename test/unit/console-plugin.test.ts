import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fastify from 'fastify';
import { consolePlugin } from '../../src/http/plugins/console.plugin';

const folder = () => mkdtempSync(path.join(os.tmpdir(), 'console-plugin-'));

test.each(['/console', '/console/users'])('%s says that there is no console, where there is none', async (url) => {
  const app = fastify();
  await app.register(consolePlugin({ assetsDir: null, publicUrl: 'http://localhost:9000' }));
  const { statusCode, body } = await app.inject(url);
  expect([statusCode, body]).toEqual([404, expect.stringContaining('There is no console here')]);
});

test('each address below /console is the same page, which knows the path that it is behind', async () => {
  const assetsDir = folder();
  writeFileSync(path.join(assetsDir, 'index.html'), '<base href="{{base}}">');
  mkdirSync(path.join(assetsDir, 'assets'));
  const app = fastify();
  await app.register(consolePlugin({ assetsDir, publicUrl: 'https://example.org/identity' }));
  for (const url of ['/console', '/console/users/1']) {
    const { statusCode, body, headers } = await app.inject(url);
    expect([statusCode, body]).toEqual([200, '<base href="/identity/console/">']);
    expect(headers['content-security-policy']).toContain("script-src 'self';");
  }
  expect((await app.inject('/console/assets/missing.js')).statusCode).toBe(404);
});
