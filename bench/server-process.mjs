import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuMs, rssMb, serverProcesses } from './process-figures.mjs';
import { backendsOf, freePort } from './services.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const START_MS = 60_000;
const STOP_MS = 40_000;

export const ISSUER = 'bench.example.org';
/** What signs compat tokens: the floors check the same tokens. */
export const SIGNER_KEY = randomBytes(64).toString('base64');
export const ADMIN = { username: 'admin', password: randomBytes(12).toString('base64url') };

/** A started program that is driven: the server, or a floor. */
export class Target {
  /**
   * CPU time of the database on this target's behalf is counted when its backends are on this
   * machine.
   */
  constructor({ name, child, url, databaseUrl = null, release = () => undefined }) {
    this.name = name;
    this.child = child;
    this.url = url;
    this.databaseUrl = databaseUrl;
    this.release = release;
  }

  async cpu() {
    const backends = this.databaseUrl ? await backendsOf(this.databaseUrl) : [];
    return { processMs: cpuMs(serverProcesses(this.child.pid)), databaseMs: cpuMs(backends) };
  }

  rssMb() {
    return rssMb(serverProcesses(this.child.pid));
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
      this.child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
    }
    this.release();
  }
}

/**
 * Resolves when `url` answers 200. @throws Error with what the program has said when it ends before
 */
async function answering(child, url, said) {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said()}`);
    const ok = await fetch(url).then(
      (answer) => answer.body?.cancel().then(() => answer.ok) ?? answer.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it did not answer within ${START_MS / 1000} s: ${said()}`);
}

function start(file, { args = [], env }) {
  const child = spawn(process.execPath, [...args, file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
  });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return { child, said: () => output.trim() };
}

/**
 * The real server in production mode.
 * @param of.databaseUrl null for the embedded database; @param of.redisUrl null for the store in
 *   memory
 * @returns {Promise<Target & { startMs: number }>} ready to answer; `startMs` counts from the start
 *   of the process to its first answer
 */
export async function startServer({
  server,
  databaseUrl,
  redisUrl,
  dataDir,
  env = {},
  inspect = false,
  name = 'server',
}) {
  const port = await freePort();
  const directory = dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'identity-bench-'));
  const startedAt = performance.now();
  const { child, said } = start(server ?? path.join(root, 'dist/src/main.js'), {
    args: [...startFlags(), ...(inspect ? ['--inspect=127.0.0.1:0'] : [])],
    env: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      GATEWAY_PORT: 'off',
      JWT_ISSUER: ISSUER,
      JWT_SIGNER_KEY: SIGNER_KEY,
      ADMIN_USERNAME: ADMIN.username,
      ADMIN_PASSWORD: ADMIN.password,
      DATA_DIR: directory,
      DATABASE_URL: databaseUrl ?? '',
      REDIS_URL: redisUrl ?? '',
      LOG_LEVEL: 'error',
      ACCESS_TOKEN_TTL: '3600',
      WEB_CONCURRENCY: '',
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(child, `${url}/health/ready`, said).catch((error) => {
    child.kill('SIGKILL');
    throw new Error(`the server did not start; ${error.message}`);
  });
  const startMs = performance.now() - startedAt;
  const release = () => dataDir === undefined && fs.rmSync(directory, { recursive: true, force: true });
  return Object.assign(new Target({ name, child, url, databaseUrl, release }), {
    startMs,
    embeddedUrl: () => embeddedUrl(directory),
    /** Where the V8 inspector of a server with `inspect` listens. */
    inspectorUrl: () => /ws:\/\/\S+/.exec(said())[0],
  });
}

/**
 * Where the embedded database of a server listens: PostgreSQL writes its socket's folder into its
 * lock file.
 */
function embeddedUrl(dataDir) {
  const lock = fs.readdirSync(dataDir, { recursive: true }).find((name) => path.basename(name) === 'postmaster.pid');
  const [, , , port, folder] = fs.readFileSync(path.join(dataDir, lock), 'utf8').split('\n');
  return `postgres://app@${encodeURIComponent(folder)}:${port}/identity`;
}

/** What `npm start` gives Node: the server is measured as it is run. */
function startFlags() {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const flags = process.env.BENCH_NODE_FLAGS ?? /\bnode (.*?)\S+main\.js/.exec(scripts.start)?.[1] ?? '';
  return flags.split(' ').filter(Boolean);
}

/** One of the small servers in floors/. `settings` reach it as JSON. */
export async function startFloor(file, settings, databaseUrl = null) {
  const port = await freePort();
  const { child, said } = start(path.join(root, 'bench/floors', file), {
    env: {
      FLOOR: JSON.stringify({ port, cores: os.availableParallelism(), signerKey: SIGNER_KEY, ...settings }),
      NODE_ENV: 'production',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(child, `${url}/ready`, said).catch((error) => {
    child.kill('SIGKILL');
    throw new Error(`the floor ${file} did not start; ${error.message}`);
  });
  return new Target({ name: 'floor', child, url, databaseUrl });
}
