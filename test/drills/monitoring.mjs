// npm run drill:monitoring [-- SECONDS]: a server under traffic, with a Redis that goes away in the middle, scraped by a
// real Prometheus. Every expression of the dashboard and of the alert rules has to find data; the run is drawn into
// docs/monitoring/run.svg. It needs Debian's prometheus and redis-server.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { PASSWORD, seedUsers, userName } from '../../bench/seed.mjs';
import { startServer } from '../../bench/server-process.mjs';
import { findPostgres, freePort } from '../../bench/services.mjs';
import { drawRun } from './monitoring/draw-run.mjs';

const SECONDS = Number(process.argv[2] ?? 100);
const USERS = 200;
const READERS = 6;
/** Milliseconds between two token checks of a reader, and between two logins. */
const READ_EVERY_MS = 12;
const LOGIN_EVERY_MS = 250;
/** Of the run, from its beginning. */
const OUTAGE = [0.4, 0.65];
const RATE_WINDOW = '10s';
const START_MS = 60_000;

const folder = path.resolve('docs/monitoring');
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-monitoring-'));
const stopping = [() => fs.rmSync(scratch, { recursive: true, force: true })];

async function main() {
  const postgres = await findPostgres();
  if (postgres) stopping.push(() => postgres.drop());
  const redis = await startRedis();
  stopping.push(() => redis.stop());
  const metricsPort = await freePort();
  const server = await startServer({
    databaseUrl: postgres ? await postgres.create() : null,
    redisUrl: redis.url,
    env: { METRICS_PORT: String(metricsPort) },
  });
  stopping.push(() => server.stop());
  await seedUsers(server.databaseUrl ?? server.embeddedUrl(), USERS);
  const prometheus = await startPrometheus(metricsPort);
  stopping.push(() => prometheus.stop());

  const startedAt = Date.now() / 1000;
  const end = startedAt + SECONDS;
  const outage = OUTAGE.map((share) => startedAt + share * SECONDS);
  await Promise.all([traffic(server.url, end), cutRedis(redis, outage)]);

  const failures = await findMissing(prometheus, { start: startedAt, end, step: 2 });
  fs.writeFileSync(path.join(folder, 'run.svg'), drawRun(await readRun(prometheus, startedAt, end), outage));
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  if (failures.length > 0) process.exitCode = 1;
  else process.stdout.write('every expression found data; the run is drawn in docs/monitoring/run.svg\n');
}

async function startRedis() {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', scratch];
  let child;
  const start = () => {
    child = spawn('redis-server', args, { stdio: 'ignore' });
  };
  start();
  return { url: `redis://127.0.0.1:${port}`, start, stop: () => child.kill('SIGKILL') };
}

async function startPrometheus(metricsPort) {
  const port = await freePort();
  const config = path.join(scratch, 'prometheus.yml');
  fs.copyFileSync(path.join(folder, 'alerts.yml'), path.join(scratch, 'alerts.yml'));
  fs.writeFileSync(
    config,
    fs
      .readFileSync(path.join(folder, 'prometheus.yml'), 'utf8')
      .replace(/_interval: 15s/g, '_interval: 1s')
      .replace('scrape_timeout: 10s', 'scrape_timeout: 1s')
      .replace("'api:9464'", `'127.0.0.1:${metricsPort}'`),
  );
  const url = `http://127.0.0.1:${port}`;
  const data = path.join(scratch, 'prometheus');
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn('prometheus', args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.once('error', (error) => process.stderr.write(`prometheus cannot be started: ${error.message}\n`));
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(100))
    if (
      await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    async get(api, parameters = {}) {
      const answer = await (await fetch(`${url}/api/v1/${api}?${new URLSearchParams(parameters)}`)).json();
      if (answer.status !== 'success') throw new Error(`${parameters.query}: ${answer.error}`);
      return answer.data;
    },
  };
}

async function cutRedis(redis, [from, to]) {
  await sleep(from * 1000 - Date.now());
  redis.stop();
  await sleep(to * 1000 - Date.now());
  redis.start();
}

/** Token checks, logins with the right and the wrong password, refreshes, and requests without a token. */
async function traffic(url, end) {
  const graphql = async (query, variables, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const body = JSON.stringify({ query, variables });
    return (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).json();
  };
  const login = (username, password) =>
    graphql('mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken refreshToken } } }', {
      input: { username, password },
    });
  const { data } = await login(userName(1), PASSWORD);
  const { accessToken } = data.login.tokens;
  const goesOn = () => Date.now() / 1000 < end;
  const reader = async () => {
    for (; goesOn(); await sleep(READ_EVERY_MS)) await graphql('{ me { username roles { name } } }', {}, accessToken);
  };
  const logins = async () => {
    for (let n = 2; goesOn(); n++, await sleep(LOGIN_EVERY_MS)) {
      const user = userName(2 + (n % (USERS - 3)));
      const isWrong = n % 4 === 0;
      const wrongName = n % 8 === 0 ? `unknown${n}` : userName(USERS - 1); // the limit of one account is exceeded
      const { data } = await login(isWrong ? wrongName : user, isWrong ? 'wrong' : PASSWORD);
      const refreshToken = data?.login?.tokens.refreshToken;
      const refresh =
        'mutation ($token: String!) { refresh(input: { refreshToken: $token }) { tokens { tokenType } } }';
      if (refreshToken) await graphql(refresh, { token: refreshToken });
      if (n % 8 === 0) await graphql('{ users { nodes { id } } }', {});
      if (n % 16 === 0) await graphql('{ me { id } }', {}, 'not.a.token');
    }
  };
  await Promise.all([logins(), ...Array.from({ length: READERS }, reader)]);
}

/** @returns what is wrong with the dashboard and the rules, by the time of this run */
async function findMissing(prometheus, time) {
  const { panels } = JSON.parse(fs.readFileSync(path.join(folder, 'grafana/dashboard.json'), 'utf8'));
  const { groups } = parse(fs.readFileSync(path.join(folder, 'alerts.yml'), 'utf8'));
  const failures = [];
  for (const { title, targets = [] } of panels)
    for (const { expr } of targets) {
      const { result } = await prometheus.get('query_range', {
        query: expr.replaceAll('$__rate_interval', RATE_WINDOW),
        ...time,
      });
      if (result.length === 0) failures.push(`"${title}" found no data: ${expr}`);
    }
  const alerts = groups.flatMap(({ rules }) => rules);
  for (const name of new Set(alerts.flatMap(({ expr }) => expr.match(/\b(?:identity|nodejs)_\w+/g) ?? []))) {
    const { result } = await prometheus.get('query', { query: `last_over_time(${name}[5m])` });
    if (result.length === 0) failures.push(`the rules watch ${name}, which has no data`);
  }
  const { groups: loaded } = await prometheus.get('rules');
  for (const { name, health, lastError } of loaded.flatMap(({ rules }) => rules))
    if (health !== 'ok') failures.push(`${name} is ${health}: ${lastError}`);
  const { result } = await prometheus.get('query', {
    query: `max_over_time(ALERTS{alertname="IdentityRedisAway"}[${SECONDS}s])`,
  });
  if (result.length === 0) failures.push('IdentityRedisAway has not noticed that Redis was away');
  return failures;
}

/** The series of the drawing: label → points of seconds from the start and value. */
async function readRun(prometheus, start, end) {
  const range = async (query, label) => {
    const { result } = await prometheus.get('query_range', { query, start, end, step: 1 });
    return Object.fromEntries(
      result.map(({ metric, values }) => [
        metric[label] ?? label,
        values.map(([time, value]) => [time - start, Number(value)]).filter(([, value]) => Number.isFinite(value)),
      ]),
    );
  };
  const p99 = (operations) =>
    `1000 * histogram_quantile(0.99, sum by (le) (rate(identity_operation_duration_seconds_bucket{operation=~"${operations}"}[${RATE_WINDOW}])))`;
  return {
    seconds: end - start,
    start,
    requests: await range(`sum by (channel) (rate(identity_operations_total[${RATE_WINDOW}]))`, 'channel'),
    latency: {
      ...(await range(p99('me'), 'token check')),
      ...(await range(p99('login'), 'login')),
    },
    logins: await range(`sum by (outcome) (rate(identity_logins_total[${RATE_WINDOW}]))`, 'outcome'),
  };
}

try {
  await main();
} finally {
  for (const stop of stopping.reverse()) await stop();
}
