// npm run drill:attack [-- NAME | --record]: slow attacks on a server of its own each, beside an owner who has to get
// through. It stays up, grows by less than 150 MB and answers nothing with 500. `--record` writes docs/security.md.
import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, startServer } from '../../bench/server-process.mjs';
import { startSmtpServer } from '../fakes/smtp/smtp.ts';
import { attacks, HOME, logIn } from './attack/attacks.mjs';
import { inTurns, MAX_GROWTH_MB, post, watchMemory } from './attack/clients.mjs';

/** Programs that already wanted the processor: beside them everything is slower. */
const [LOAD] = os.loadavg();
const SECONDS = 15;
const PAUSE_MS = 250;
const DOCUMENT = 'docs/security.md';
const [OPEN, CLOSE] = ['<!-- drill: attack -->', '<!-- /drill -->'];

/** Does what the owner does until the attack is over. @returns how often, how slow, and what went wrong */
async function accompany({ owner, pauseMs = PAUSE_MS, times = Number.POSITIVE_INFINITY }, target) {
  const done = { times: 0, slowestMs: 0, failures: [] };
  while (!target.isOver() && done.times < times) {
    const startedAt = performance.now();
    try {
      if ((await owner(target)) === 'unfinished') break;
      done.times++;
      done.slowestMs = Math.max(done.slowestMs, performance.now() - startedAt);
    } catch (error) {
      done.failures.push(error.message);
    }
    await sleep(pauseMs);
  }
  return done;
}

async function prepare(server, owner) {
  const login = 'mutation ($i: LoginInput!) { login(input: $i) { tokens { accessToken } } }';
  const { text } = await post(server, '/graphql', { query: login, variables: { i: ADMIN } });
  const authorization = `Bearer ${/"accessToken":"([^"]+)"/.exec(text)[1]}`;
  const create = 'mutation ($i: CreateUserInput!) { createUser(input: $i) { user { id } } }';
  const { username, email, password } = owner;
  const variables = { i: { username, email, password } };
  const created = await post(server, '/graphql', { query: create, variables }, { authorization });
  if (created.text.includes('errors')) throw new Error(`the owner was not created: ${created.text}`);
  await logIn({ ask: (path, body, headers) => post(server, path, body, headers), owner }, HOME);
  await inTurns(500, 10, () => post(server, '/identity/auth/introspect', { token: 'none' }));
  await fetch(`${server.url}/openapi.json`).then((response) => response.text());
}

/** @returns a row of the table, and whether all held */
async function run(attack) {
  const smtp = await startSmtpServer();
  const env = { BCRYPT_COST: '10', TRUST_PROXY: '1', SMTP_URL: smtp.url };
  const server = await startServer({ databaseUrl: null, redisUrl: null, env });
  try {
    const owner = { username: 'the-owner', email: 'owner@example.org', password: 'the password of the owner' };
    await prepare(server, owner);
    const statuses = new Map();
    const endsAt = performance.now() + (attack.seconds ?? SECONDS) * 1000;
    const target = {
      server,
      owner,
      mails: smtp.received,
      isOver: () => performance.now() > endsAt,
      ask: async (...request) => {
        const answer = await post(server, ...request);
        const kind = /INTERNAL_SERVER_ERROR/.test(answer.text) ? 500 : answer.status;
        statuses.set(kind, (statuses.get(kind) ?? 0) + 1);
        return answer;
      },
    };
    const grown = watchMemory(server);
    const attacking = attack.attack(target).then(
      () => [],
      (error) => [error.message],
    );
    const [failure, done] = await Promise.all([attacking, accompany(attack, target)]);
    const growth = grown();
    const { status } = await fetch(`${server.url}/health/ready`).catch(() => ({ status: 0 }));
    const misses = [
      ...failure,
      ...new Set(done.failures),
      ...(done.times === 0 ? ['the owner never got through'] : []),
      ...(growth >= MAX_GROWTH_MB ? [`${growth} MB more`] : []),
      ...(statuses.has(500) ? [`${statuses.get(500)} answers with 500`] : []),
      ...(status !== 200 ? [`ready is answered with ${status}`] : []),
    ];
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    const shares = [...statuses].sort(([a], [b]) => a - b).map(([code, count]) => `${code}: ${count}`);
    const failed = done.failures.length > 0 ? `, ${done.failures.length} failed` : '';
    const slowest = `${(done.slowestMs / 1000).toFixed(1)} s`;
    return {
      cells: [attack.name, `${total} (${shares.join(', ')})`, `${done.times}${failed}; ${slowest}`, `${growth} MB`],
      misses,
    };
  } finally {
    await server.stop();
    await smtp.close();
  }
}

function record(rows) {
  const table = [
    `On ${new Date().toISOString().slice(0, 10)}, ${os.availableParallelism()} cores, Node ${process.version}, load average ${Math.round(LOAD)} before:`,
    '',
    '| attack | answers, by status (0: cut) | the owner: how often, slowest | more memory |',
    '|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
  const text = fs.readFileSync(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(OPEN) + OPEN.length, text.indexOf(CLOSE, text.indexOf(OPEN))];
  fs.writeFileSync(DOCUMENT, `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`);
}

const isRecording = process.argv.includes('--record');
const wanted = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? '';
const chosen = attacks.filter(({ name }) => name.includes(wanted));
if (chosen.length === 0) throw new Error(`there is no attack with "${wanted}" in its name`);
const rows = [];
let held = true;
for (const [i, attack] of chosen.entries()) {
  process.stdout.write(`${i + 1}/${chosen.length} ${attack.name} …\n`);
  const { cells, misses } = await run(attack);
  rows.push(cells);
  held &&= misses.length === 0;
  process.stdout.write(
    `    ${cells.slice(1).join(' | ')} | ${misses.length === 0 ? 'held' : `MISSED: ${misses.join('; ')}`}\n`,
  );
}
if (isRecording && held) record(rows);
process.exitCode = held ? 0 : 1;
