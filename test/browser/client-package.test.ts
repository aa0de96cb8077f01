import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { blocksOf } from '../docs/documents';
import { ADMIN, startApp, type TestApp } from '../support/app';
import { temporaryFolder } from '../support/processes';
import { describeWithBrowser, launchBrowser } from './support';

const root = path.resolve(__dirname, '../..');
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'client/dist/package.json'), 'utf8'));
const example = blocksOf('docs/react.md').find(({ marker }) => marker === 'kit: main.tsx')!.body;

test('all entry points of the client kit together are below 8 KB, without their peers', async () => {
  const names = Object.keys(manifest.exports).map((name) => name.replace('.', manifest.name));
  const { outputFiles } = await build({
    stdin: {
      contents: names.map((name, i) => `export * as entry${i} from '${name}';`).join('\n'),
      resolveDir: root,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    external: Object.keys(manifest.peerDependencies).flatMap((name) => [name, `${name}/*`]),
  });
  expect(names).toHaveLength(5);
  expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(8 * 1024);
});

test('the example of docs/react.md has twenty lines', () => {
  expect(example.trimEnd().split('\n')).toHaveLength(20);
});

describeWithBrowser('the packed client kit in a fresh Vite application', () => {
  const folder = temporaryFolder();
  let site: http.Server;
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    site = http.createServer(serveFile).listen(0, '127.0.0.1');
    await new Promise((resolve) => site.once('listening', resolve));
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    [app, browser] = await Promise.all([startApp({ env: { CORS_ORIGINS: origin } }), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    site.close();
    site.closeAllConnections();
    await app?.close();
  });

  /** The built files, from an origin of their own. */
  function serveFile({ url = '/' }: http.IncomingMessage, response: http.ServerResponse): void {
    const file = path.join(folder, 'dist', url === '/' ? 'index.html' : url);
    response.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/html');
    if (fs.existsSync(file)) response.end(fs.readFileSync(file));
    else response.writeHead(404).end();
  }

  test('installs, type-checks, builds, signs in, survives a reload and signs out', async () => {
    install(folder, example.replace('http://localhost:9000/graphql', app.url));
    const run = (script: string, ...args: string[]) =>
      execFileSync(process.execPath, [path.join(root, 'node_modules', script), ...args], {
        cwd: folder,
        stdio: 'pipe',
      });
    run('typescript/bin/tsc', '-p', '.');
    run('vite/bin/vite.js', 'build', '--logLevel', 'error');
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(`Hello ${ADMIN.username}`).waitFor();
    await page.reload();
    await page.getByText(`Hello ${ADMIN.username}`).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });
});

/** The tarball through npm, as an application installs it; its other packages are those of the repository. */
function install(folder: string, main: string): void {
  const npm = (...args: string[]) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  const files = {
    'package.json': JSON.stringify({ name: 'fresh', private: true, type: 'module' }),
    'index.html': '<!doctype html><div id="root"></div><script type="module" src="/main.tsx"></script>',
    'main.tsx': main,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023', 'DOM'],
        module: 'ESNext',
        moduleResolution: 'bundler',
        jsx: 'react-jsx',
        strict: true,
        noEmit: true,
        types: [],
      },
      include: ['main.tsx'],
    }),
  };
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
  const [packed] = JSON.parse(npm('pack', '--json', path.join(root, 'client/dist'))) as { filename: string }[];
  npm('install', '--offline', '--no-audit', '--no-fund', `./${packed!.filename}`);
  for (const name of ['react', 'react-dom', '@apollo/client', '@types/react', '@types/react-dom', 'graphql', 'rxjs']) {
    const link = path.join(folder, 'node_modules', name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(path.join(root, 'node_modules', name), link);
  }
}
