// npm run drill:streams [-- STREAMS]: streams of account changes that wait, one for each account: what each costs, and
// how long a change takes to the stream of its account, on the process that made it and on another one.
import { createHmac, randomUUID } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedUsers, userName } from '../../bench/seed.mjs';
import { ISSUER, SIGNER_KEY, startServer } from '../../bench/server-process.mjs';

const STREAMS = Number(process.argv[2] ?? 10_000);
const MAX_KB = 60;
const MAX_MS = 100;
const CHANGES = 100;
/** A stream is pinged every 12 s; memory is read when each was pinged twice. */
const IDLE_MS = 30_000;
const WARM_UP = 500;

const SUBSCRIPTION = JSON.stringify({ query: 'subscription { accountChanged { kind } }' });
const json = { 'content-type': 'application/json' };

const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A compat token, as another service with the same key signs it. */
function tokenOf(username) {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { sub: username, iss: ISSUER, iat, exp: iat + 3600, jti: randomUUID(), scope: '' };
  const signed = `${Buffer.from('{"alg":"HS512"}').toString('base64url')}.${encode(claims)}`;
  return `${signed}.${createHmac('sha512', SIGNER_KEY).update(signed).digest('base64url')}`;
}

/** Resolves when the stream is open. @param onEvent is called with each event */
function openStream(server, username, onEvent = () => undefined) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const headers = { ...json, accept: 'text/event-stream', authorization: `Bearer ${tokenOf(username)}` };
    const request = http.request({ hostname, port, path: '/graphql/stream', method: 'POST', headers, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`a stream was answered with ${response.statusCode}`));
      response.setEncoding('utf8').on('data', (text) => {
        for (const event of text.split('\n\n')) if (event.startsWith('event: next')) onEvent(event);
      });
      resolve(request);
    });
    request.end(SUBSCRIPTION);
  });
}

/** @returns the requests of the streams, for users from `from` on */
async function openStreams(server, from, count) {
  const opened = [];
  let next = from;
  const opening = Array.from({ length: 50 }, async () => {
    while (next < from + count) opened.push(await openStream(server, userName(next++)));
  });
  await Promise.all(opening);
  return opened;
}

async function graphql(server, query, variables, token) {
  const headers = { ...json, ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

/** Milliseconds from each answer to a change until its event, sorted. */
async function delays(changing, watching, username) {
  const token = tokenOf(username);
  const { me } = await graphql(changing, '{ me { id } }', {}, token);
  let arrived;
  const stream = await openStream(watching, username, () => arrived?.(performance.now()));
  await sleep(500);
  const found = [];
  const CHANGE = 'mutation($i: UpdateUserInput!) { updateUser(input: $i) { user { id } } }';
  for (let n = 0; n < CHANGES; n++) {
    const event = new Promise((resolve) => {
      arrived = resolve;
    });
    await graphql(changing, CHANGE, { i: { id: me.id, firstName: `Name ${n}` } }, token);
    const answeredAt = performance.now();
    const arrivedAt = await Promise.race([event, sleep(5000, null)]);
    if (arrivedAt === null) throw new Error('a change did not reach its stream within 5 s');
    found.push(Math.max(0, arrivedAt - answeredAt));
    await sleep(20);
  }
  stream.destroy();
  return found.sort((a, b) => a - b);
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);

async function main() {
  const server = await startServer({ databaseUrl: null, redisUrl: null });
  let other;
  const failures = [];
  try {
    const databaseUrl = server.embeddedUrl();
    await seedUsers(databaseUrl, STREAMS + WARM_UP + 3);
    for (const request of await openStreams(server, 1, WARM_UP)) request.destroy();
    await sleep(5000);
    const before = server.rssMb();
    const startedAt = performance.now();
    const streams = await openStreams(server, WARM_UP + 1, STREAMS);
    const seconds = (performance.now() - startedAt) / 1000;
    await sleep(IDLE_MS);
    const closed = streams.filter(({ destroyed }) => destroyed).length;
    const kb = ((server.rssMb() - before) * 1024) / STREAMS;
    const growth = `${before.toFixed(0)} MB before, ${server.rssMb().toFixed(0)} MB after`;
    process.stdout.write(
      `${STREAMS} streams, opened in ${seconds.toFixed(0)} s: ${kb.toFixed(1)} KB each (${growth})\n`,
    );
    if (closed > 0) failures.push(`${closed} streams were closed`);
    if (kb > MAX_KB) failures.push(`a stream costs ${kb.toFixed(1)} KB, and ${MAX_KB} are allowed`);
    other = await startServer({ databaseUrl, redisUrl: null });
    for (const [name, watching] of [
      ['the process that made it', server],
      ['another process', other],
    ]) {
      const sorted = await delays(server, watching, userName(STREAMS + WARM_UP + 1));
      process.stdout.write(
        `a change reaches a stream of ${name} after ${at(sorted, 0.5)} ms (p50), ${at(sorted, 0.99)} ms (p99)\n`,
      );
      if (Number(at(sorted, 0.99)) > MAX_MS) failures.push(`a change takes more than ${MAX_MS} ms to ${name}`);
    }
    for (const request of streams) request.destroy();
  } finally {
    await other?.stop();
    await server.stop();
  }
  for (const failure of failures) process.stderr.write(`too much: ${failure}\n`);
  if (failures.length > 0) process.exitCode = 1;
}

await main();
