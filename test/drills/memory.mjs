// npm run drill:memory [-- NAME]: floods of anonymous requests, each against a server of its own, whose memory grows by
// less than 150 MB and which answers others afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../bench/server-process.mjs';
import { graphql, inTurns, MAX_GROWTH_MB, post, repeat, unread, watchMemory } from './attack/clients.mjs';

const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';

const floods = {
  'pipelined documents that are not read': (server) =>
    unread(server, { connections: 14, times: 1200, request: 'GET /openapi.json' }),
  'the same from 500 connections': (server) =>
    unread(server, { connections: 500, times: 1200, request: 'GET /openapi.json' }),
  'assets that are not read': async (server) => {
    const page = await (await fetch(`${server.url}/docs`)).text();
    const assets = [...page.matchAll(/(?:src|href)="([^"]*assets\/[^"]+)"/g)].map(([, path]) => path);
    for (const asset of assets)
      await unread(server, { connections: 200, times: 16, request: `GET /${asset}`, holdMs: 3000 });
  },
  'logins with a megabyte of variables': (server) =>
    repeat(60, async (i) => {
      const junk = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`v${n}`, 'x'.repeat(40)]));
      const variables = { input: { username: `user${i}`, password: 'wrong password' }, ...junk };
      await graphql(server, { query: LOGIN, variables });
    }),
  'anonymous documents that differ': (server) =>
    inTurns(3000, 8, async (i) => {
      const text = `query q${i} { me { ${'username email '.repeat(200)}} }`;
      const { status } = await graphql(server, { query: text });
      if (status === 400) throw new Error(`the document is refused with ${status}, so that nothing is measured`);
    }),
  'logins of names that differ': (server) =>
    inTurns(5000, 40, (i) => post(server, '/identity/auth/token', { username: `user${i}`, password: 'wrong' })),
  registrations: (server) =>
    inTurns(3000, 60, (i) =>
      post(server, '/identity/users', { username: `member${i}`, password: 'a password', dob: '2000-01-01' }),
    ),
  'names with many combining marks': (server) =>
    repeat(40, () =>
      post(server, '/identity/auth/token', {
        username: `a${'\u0301'.repeat(30_000)}${'\u0323'.repeat(30_000)}`,
        password: 'wrong',
      }),
    ),
};

async function run(name, flood) {
  const server = await startServer({ databaseUrl: null, redisUrl: null, env: { BCRYPT_COST: '10' } });
  try {
    await inTurns(500, 10, () => post(server, '/identity/auth/introspect', { token: 'none' }));
    await fetch(`${server.url}/openapi.json`).then((response) => response.text());
    const grown = watchMemory(server);
    const startedAt = performance.now();
    await flood(server);
    const seconds = (performance.now() - startedAt) / 1000;
    await sleep(500);
    const { status } = await post(server, '/identity/auth/introspect', { token: 'none' });
    const growth = grown();
    const isServed = status === 401;
    const verdict = growth < MAX_GROWTH_MB && isServed ? 'ok' : 'TOO MUCH';
    process.stdout.write(
      `${name.padEnd(40)} ${String(growth).padStart(5)} MB more, ${seconds.toFixed(1)} s, ${isServed ? 'others are served' : `others get ${status}`}: ${verdict}\n`,
    );
    return verdict === 'ok';
  } finally {
    await server.stop();
  }
}

const wanted = process.argv[2];
const chosen = Object.entries(floods).filter(([name]) => wanted === undefined || name.includes(wanted));
if (chosen.length === 0) throw new Error(`there is no flood with "${wanted}" in its name`);
let passed = true;
for (const [name, flood] of chosen) passed = (await run(name, flood)) && passed;
process.exitCode = passed ? 0 : 1;
