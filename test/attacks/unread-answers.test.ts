import fs from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ServerProcess } from '../support/processes';

const MAX_GROWTH_MB = 150;

let database: TestDatabase;
let server: ServerProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await server.kill('SIGTERM');
  await database.drop();
});

const statusLine = (name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
const rssMb = () => statusLine('VmRSS') / 1024;
const descriptors = () => fs.readdirSync(`/proc/${server.pid}/fd`).length;

/** Connections that send `times` requests at once and read none of the answers. */
function silentReaders(connections: number, times: number, target: string): Socket[] {
  const { hostname, port } = new URL(server.origin);
  return Array.from({ length: connections }, () => {
    const socket = connect(Number(port), hostname).on('error', () => {});
    socket.pause();
    socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(times));
    return socket;
  });
}

test.each([
  ['14 connections of 1,200 documents', 14, 1200],
  ['300 connections of 1,200 documents', 300, 1200],
])('%s that are not read cost less than 150 MB, and others are answered', async (_what, connections, times) => {
  await (await fetch(`${server.origin}/openapi.json`)).text();
  const before = rssMb();
  const sockets = silentReaders(connections, times, '/openapi.json');
  let most = 0;
  for (let i = 0; i < 30; i++) {
    await sleep(100);
    most = Math.max(most, rssMb());
    expect((await fetch(`${server.origin}/health/ready`)).status).toBe(200);
  }
  expect(most - before).toBeLessThan(MAX_GROWTH_MB);
  for (const socket of sockets) socket.destroy();
});

test('assets that are not read hold no descriptors but their connections', async () => {
  const page = await (await fetch(`${server.origin}/docs`)).text();
  const asset = /src="([^"]*bundle[^"]*\.js)"/.exec(page)![1]!;
  const before = descriptors();
  const sockets = silentReaders(50, 16, `/${asset.replace(/^\.?\//, '')}`);
  await sleep(1000);
  expect(descriptors() - before).toBeLessThanOrEqual(50 + 5);
  for (const socket of sockets) socket.destroy();
});
