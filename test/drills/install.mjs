// npm run drill:install: a fresh clone of HEAD, installed without devDependencies, builds, starts and
// answers, and neither install is larger than it may be.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../..');
// with the console; its packages are needed to build it only
const LIMITS = { development: { megabytes: 750, packages: 760 }, production: { megabytes: 430, packages: 400 } };
const START_MS = 120_000;

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
    process.stdout.write('production: /playground, /docs and /graphql answer\n');
  } finally {
    if (server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
    await ended;
  }
}

/** Without what `npm run` adds: this checkout's folder and Node, and the log level. */
function environment() {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE$|INIT_CWD$)/i.test(name));
  const own = path.join(root, 'node_modules');
  const paths = process.env.PATH.split(path.delimiter).filter((folder) => !folder.startsWith(own));
  return { ...Object.fromEntries(inherited), PATH: paths.join(path.delimiter) };
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function waitUntilReady(url) {
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(200)) {
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.ok) return;
  }
  throw new Error(`it was not ready after ${START_MS / 1000} s`);
}

async function read(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  return text;
}

await main();
