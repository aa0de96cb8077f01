// npm run drill:install: a fresh clone of HEAD, installed without devDependencies, builds, starts and
// answers, and neither install is larger than it may be.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { environment, freePorts, read, waitUntilReady } from './installed/server.mjs';

const root = path.resolve(import.meta.dirname, '../..');
// with the console; its packages are needed to build it only
const LIMITS = { development: { megabytes: 750, packages: 765 }, production: { megabytes: 430, packages: 400 } };

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'install-'));
  try {
    fs.chmodSync(folder, 0o755); // the embedded PostgreSQL runs as another user when this one is root
    const clone = path.join(folder, 'clone');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    install(clone, '--omit=dev');
    assertWithinLimits('development', root);
    assertWithinLimits('production', clone);
    await assertStarts(clone);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function install(folder, ...options) {
  const command = ['-c', 'npm ci "$@" 2>&1', 'npm', ...options];
  const output = execFileSync('sh', command, { cwd: folder, env: environment(), encoding: 'utf8' });
  if (/\bwarn\b/i.test(output)) throw new Error(`npm ci ${options.join(' ')} warns:\n${output}`);
}

function assertWithinLimits(name, folder) {
  const modules = path.join(folder, 'node_modules');
  const megabytes = Number.parseInt(execFileSync('du', ['-sm', modules], { encoding: 'utf8' }), 10);
  const lock = JSON.parse(fs.readFileSync(path.join(modules, '.package-lock.json'), 'utf8'));
  const packages = Object.keys(lock.packages).length;
  process.stdout.write(`${name}: ${megabytes} MB, ${packages} packages\n`);
  const limits = LIMITS[name];
  if (megabytes > limits.megabytes || packages > limits.packages) {
    throw new Error(`${name} may have ${limits.megabytes} MB and ${limits.packages} packages`);
  }
}

async function assertStarts(folder) {
  const [port, gatewayPort] = await freePorts(2);
  const env = { ...environment(), PORT: port, GATEWAY_PORT: gatewayPort };
  const server = spawn('npm', ['start'], { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const ended = once(server, 'exit');
  try {
    const url = `http://127.0.0.1:${port}`;
    await Promise.race([waitUntilReady(url), ended.then(([code]) => Promise.reject(new Error(`it exited (${code})`)))]);
    const script = /playground\/assets\/graphiql-\w+\.js/.exec(await read(`${url}/playground`))?.[0];
    for (const page of [script, 'docs', 'openapi.json']) await read(`${url}/${page}`);
    const answer = await read(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    if (answer !== '{"data":{"__typename":"Query"}}\n') throw new Error(`/graphql answered ${answer}`);
    const withoutConsole = await fetch(`${url}/console`);
    if (withoutConsole.status !== 404) throw new Error(`/console answered ${withoutConsole.status}`);
    process.stdout.write('production: /playground, /docs and /graphql answer, /console is left out\n');
  } finally {
    if (server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
    await ended;
  }
}

await main();
