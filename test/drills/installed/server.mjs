// What the drills share that start a server which they have installed.
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../../..');
const START_MS = 120_000;

/** Without what `npm run` adds: this checkout's folder and Node, and the log level. */
export function environment() {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE$|INIT_CWD$)/i.test(name));
  const own = path.join(root, 'node_modules');
  const paths = process.env.PATH.split(path.delimiter).filter((folder) => !folder.startsWith(own));
  return { ...Object.fromEntries(inherited), PATH: paths.join(path.delimiter) };
}

export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

export async function waitUntilReady(url) {
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(200)) {
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.ok) return;
  }
  throw new Error(`it was not ready after ${START_MS / 1000} s`);
}

export async function read(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  return text;
}
