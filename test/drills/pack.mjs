// npm run drill:pack: what `npm pack` makes is installed into an empty folder, serves by `npx`, takes a login, and ends.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { environment, freePorts, read, waitUntilReady } from './installed/server.mjs';

const root = path.resolve(import.meta.dirname, '../..');

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pack-'));
  try {
    fs.chmodSync(folder, 0o755); // the embedded PostgreSQL runs as another user when this one is root
    const startedAt = performance.now();
    const [{ filename, size }] = JSON.parse(
      npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
    );
    const app = path.join(folder, 'app');
    fs.mkdirSync(app);
    fs.writeFileSync(path.join(app, 'package.json'), '{}');
    npm(app, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', path.join(folder, filename));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(`packed (${(size / 1e6).toFixed(1)} MB) and installed in ${seconds} s\n`);
    await assertServes(app);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const npm = (cwd, ...args) => execFileSync('npm', args, { cwd, env: environment(), encoding: 'utf8' });

/** Started by npx, and once more as npx starts it, since npx itself dies of a SIGTERM. */
async function assertServes(app) {
  await withServer(app, ['npx', '--no', 'graphql-identity'], async (url) => {
    for (const page of ['console', 'playground', 'docs', 'openapi.json']) await read(`${url}/${page}`);
    await logIn(url);
  });
  const code = await withServer(app, ['node_modules/.bin/graphql-identity'], logIn);
  if (code !== 0) throw new Error(`it ended with ${code} after SIGTERM`);
  process.stdout.write('npx graphql-identity: console, playground, docs and logins, and an end with exit code 0\n');
}

/** @returns the exit code after SIGTERM */
async function withServer(cwd, [command, ...args], use) {
  const [port, gatewayPort] = await freePorts(2);
  const env = { ...environment(), HOST: '127.0.0.1', PORT: port, GATEWAY_PORT: gatewayPort };
  const server = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const ended = once(server, 'close');
  try {
    const url = `http://127.0.0.1:${port}`;
    await Promise.race([waitUntilReady(url), ended.then(([code]) => Promise.reject(new Error(`it exited (${code})`)))]);
    await use(url);
  } finally {
    if (server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
  }
  const [code] = await ended;
  return code;
}

async function logIn(url) {
  const query = 'mutation { login(input: { username: "admin", password: "password123" }) { user { username } } }';
  const body = JSON.stringify({ query });
  const headers = { 'content-type': 'application/json' };
  const answer = await read(`${url}/graphql`, { method: 'POST', headers, body });
  if (answer.trim() !== '{"data":{"login":{"user":{"username":"admin"}}}}') throw new Error(`login: ${answer}`);
}

await main();
