import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { MeDocument } from '../../src/rest/generated/operations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ENVIRONMENT } from '../support/environment';
import { eventually } from '../support/eventually';
import { ServerProcess } from '../support/processes';

const ROTATE = path.resolve(__dirname, '../../dist/src/cli/keys-rotate.js');
const PASSWORD = 'four unusual words together';

let database: TestDatabase;
let env: Record<string, string>;
let servers: ServerProcess[];
beforeAll(async () => {
  database = await createTestDatabase();
  env = {
    DATABASE_URL: database.url,
    SECURITY_PROFILE: 'strict',
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    JWKS_MAX_AGE: '1',
    ADMIN_PASSWORD: PASSWORD,
  };
  servers = await Promise.all([ServerProcess.start(env), ServerProcess.start(env)]);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill('SIGTERM')));
  await database.drop();
});

/** Verifies as a service that keeps the keys as long as it may, and not for a moment less. */
class ResourceServer {
  private kept: { keys: JSONWebKeySet; until: number } | undefined;

  constructor(private readonly origin: string) {}

  async verify(token: string): Promise<void> {
    if (!this.kept || this.kept.until < performance.now()) this.kept = await this.fetchKeys();
    await jwtVerify(token, createLocalJWKSet(this.kept.keys), { typ: 'at+jwt' });
  }

  private async fetchKeys() {
    const response = await fetch(`${this.origin}/.well-known/jwks.json`);
    const maxAge = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1] ?? 0);
    return { keys: (await response.json()) as JSONWebKeySet, until: performance.now() + maxAge * 1000 };
  }
}

/** Logs in on one server and uses the token on another and at a service, again and again. */
class Load {
  private isOver = false;
  /** By the keys that signed. */
  readonly logins = new Map<string, number>();
  private readonly running: Promise<unknown>;

  constructor(servers: readonly ServerProcess[]) {
    const pairs = servers.flatMap((from) => servers.map((to) => [from, to] as const));
    this.running = Promise.all(pairs.map(([from, to]) => this.run(from, to)));
    this.running.catch(() => undefined); // reported by `end`
  }

  private async run(from: ServerProcess, to: ServerProcess): Promise<void> {
    const service = new ResourceServer(to.origin);
    while (!this.isOver) {
      const { accessToken } = await from.login('admin', PASSWORD);
      await service.verify(accessToken);
      expect(await to.outcome(MeDocument, {}, accessToken)).toBe('ok');
      const kid = decodeProtectedHeader(accessToken).kid!;
      this.logins.set(kid, (this.logins.get(kid) ?? 0) + 1);
    }
  }

  /** @throws what has failed */
  async end(): Promise<void> {
    this.isOver = true;
    await this.running;
  }
}

/** @returns the id of the new key */
async function rotate(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [ROTATE, '--wait', '2'], {
    env: { PATH: process.env.PATH, ...ENVIRONMENT, ...env },
  });
  return stdout.slice(0, 43);
}

test('a rotation fails no request of two processes and of services that cache the keys', async () => {
  const load = new Load(servers);
  await eventually('logins before the rotation', () => [...load.logins.values()].some((count) => count > 10));
  const added = await rotate();
  await eventually('logins with the new key', () => (load.logins.get(added) ?? 0) > 20);
  await load.end();
  expect(load.logins.size).toBe(2);
});

test('a process that is killed in the middle of a rotation takes it up again', async () => {
  const [killed, other] = servers as [ServerProcess, ServerProcess];
  const load = new Load([other]);
  const added = await rotate();
  await killed.kill('SIGKILL');
  servers[0] = await ServerProcess.start(env);
  await eventually('logins with the new key', () => (load.logins.get(added) ?? 0) > 10);
  await load.end();
  const both = new Load(servers);
  await eventually('logins on both processes', () => (both.logins.get(added) ?? 0) > 10);
  await both.end();
  expect([...both.logins.keys()]).toEqual([added]);
});
