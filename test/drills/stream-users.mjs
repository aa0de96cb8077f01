// npm run drill:stream [-- USERS]: the whole list of users over REST, in bounded memory, while
// others are served.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedUsers } from '../../bench/seed.mjs';
import { ADMIN, startServer } from '../../bench/server-process.mjs';

const USERS = Number(process.argv[2] ?? 100_000);
const MAX_GROWTH_MB = 100;
const EVERY_MS = 10;
/** What a slow reader takes per second. */
const SLOW_BYTES = 4_000_000;

async function main() {
  const server = await startServer({ databaseUrl: null, redisUrl: null });
  try {
    await seedUsers(server.embeddedUrl(), USERS);
    const token = await logIn(server);
    await probe(server, token, sleep(2000)); // warm
    const idle = await probe(server, token, sleep(3000));
    print('no client reads the list', { idle, rss: server.rssMb() });
    const failures = [];
    for (const { name, read, maxP99 } of [
      { name: 'one reader', read: () => readList(server, token), maxP99: 100 },
      { name: 'one reader again', read: () => readList(server, token), maxP99: 100 },
      {
        name: 'three readers at once',
        read: () => Promise.all([1, 2, 3].map(() => readList(server, token))),
        maxP99: 300,
      },
      { name: 'a slow reader', read: () => readList(server, token, SLOW_BYTES), maxP99: 100 },
    ]) {
      const before = server.rssMb();
      const figures = await observe(server, token, read);
      print(name, figures);
      if (figures.rss - before > MAX_GROWTH_MB)
        failures.push(`${name}: memory grew by ${Math.round(figures.rss - before)} MB`);
      if (figures.busy.p99 > maxP99) failures.push(`${name}: others waited ${figures.busy.p99.toFixed(0)} ms (p99)`);
    }
    for (const failure of failures) process.stderr.write(`too much: ${failure}\n`);
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

async function logIn(server) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/identity/auth/token`, {
    method: 'POST',
    headers,
    body: JSON.stringify(ADMIN),
  });
  return (await response.json()).result.token;
}

/** Highest memory, and what others waited, while `read` goes on. */
async function observe(server, token, read) {
  let rss = 0;
  const sampling = setInterval(() => {
    rss = Math.max(rss, server.rssMb());
  }, 50);
  const startedAt = performance.now();
  const reading = read();
  const busy = await probe(server, token, reading);
  clearInterval(sampling);
  const [{ bytes }] = [await reading].flat();
  return { busy, rss, seconds: (performance.now() - startedAt) / 1000, bytes };
}

/** Reads the list and keeps nothing of it. @throws Error when it is not whole */
function readList(server, token, bytesPerSecond = Number.POSITIVE_INFINITY) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const request = http.get(
      `${server.url}/identity/users`,
      { headers: { authorization: `Bearer ${token}` } },
      (response) => {
        let bytes = 0;
        let users = 0;
        let tail = '';
        response.setEncoding('latin1');
        response.on('data', (chunk) => {
          bytes += chunk.length;
          const text = tail + chunk;
          users += text.split('"username":').length - 1;
          tail = text.slice(-10); // one less than what is counted
          const due = startedAt + (bytes / bytesPerSecond) * 1000 - performance.now();
          if (due < 1) return;
          response.pause();
          setTimeout(() => response.resume(), due);
        });
        response.on('error', reject);
        response.on('end', () =>
          users === USERS ? resolve({ bytes }) : reject(new Error(`${users} users of ${USERS}`)),
        );
      },
    );
    request.on('error', reject);
  });
}

/** Asks who it is every few milliseconds until `until` is over; latencies in milliseconds. */
async function probe(server, token, until) {
  let over = false;
  const ended = until.finally(() => {
    over = true;
  });
  const latencies = [];
  const agent = new http.Agent({ keepAlive: true });
  while (!over) {
    const startedAt = performance.now();
    await new Promise((resolve, reject) => {
      http
        .get(
          `${server.url}/identity/users/my-info`,
          { agent, headers: { authorization: `Bearer ${token}` } },
          (response) => {
            response.resume();
            response.on('end', () =>
              response.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${response.statusCode}`)),
            );
          },
        )
        .on('error', reject);
    });
    latencies.push(performance.now() - startedAt);
    await sleep(EVERY_MS);
  }
  agent.destroy();
  await ended;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return { p50: at(0.5), p99: at(0.99), max: latencies.at(-1) };
}

function print(name, { idle, busy = idle, rss, seconds, bytes }) {
  const volume = bytes === undefined ? '' : `${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s; `;
  process.stdout.write(
    `${name}: ${volume}memory ${rss.toFixed(0)} MB; others waited ${busy.p50.toFixed(1)} ms (p50), ${busy.p99.toFixed(1)} ms (p99), ${busy.max.toFixed(1)} ms (max)\n`,
  );
}

await main();
