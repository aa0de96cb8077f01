import fs from 'node:fs';
import path from 'node:path';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { ServerProcess, temporaryFolder } from '../support/processes';

const PRODUCTION = {
  NODE_ENV: 'production',
  BCRYPT_COST: '10',
  JWT_SIGNER_KEY: 'b3VyIGtleSBmb3IgdGVzdHMsIG9mIHJhbmRvbSBieXRlcw0+8c1Z/QxP2mVn7dKf0aYhLtRwGjU5sEi9BoCkXvNq3TzHgM6yJe4',
};
const IGNORED = 'ADMIN_USERNAME and ADMIN_PASSWORD have no effect: this database has its administrator';
const KNOWN = 'the password of admin is the well-known one of development: change it';

describe('the administrator', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    const first = await ServerProcess.start({
      DATABASE_URL: database.url,
      ADMIN_USERNAME: 'admin',
      ADMIN_PASSWORD: 'password123',
    });
    expect(first.stdout).not.toContain(IGNORED);
    await first.kill('SIGTERM');
  });
  afterAll(() => database.drop());

  const banner = async (env: Record<string, string>): Promise<string> => {
    const server = await ServerProcess.start({ DATABASE_URL: database.url, ...env });
    const { stdout } = await server.kill('SIGTERM');
    return stdout;
  };

  test('other variables than the database has are named as ignored, with the way back', async () => {
    for (const env of [
      { ADMIN_USERNAME: 'admin', ADMIN_PASSWORD: 'another password' },
      { ADMIN_USERNAME: 'other', ADMIN_PASSWORD: 'password123' },
    ]) {
      const text = await banner(env);
      expect(text).toContain(IGNORED);
      expect(text).toContain('see "A lost administrator" in docs/operations.md');
    }
    expect(fs.readFileSync('docs/operations.md', 'utf8')).toContain('**A lost administrator.**');
  });

  test('the same variables are no news', async () => {
    expect(await banner({ ADMIN_USERNAME: 'ADMIN', ADMIN_PASSWORD: 'password123' })).not.toContain(IGNORED);
  });

  test('development and production warn as long as the well-known password is in force', async () => {
    const environments: Record<string, string>[] = [{}, { NODE_ENV: 'development' }, PRODUCTION];
    for (const env of environments)
      expect(await banner({ ADMIN_USERNAME: 'admin', ADMIN_PASSWORD: 'password123', ...env })).toContain(KNOWN);
    const server = await ServerProcess.start({
      DATABASE_URL: database.url,
      ADMIN_USERNAME: 'admin',
      ADMIN_PASSWORD: 'password123',
    });
    const { accessToken } = await server.login('admin', 'password123');
    await server.data(
      'mutation { changePassword(input: { currentPassword: "password123", newPassword: "something else" }) { ok } }',
      {},
      accessToken,
    );
    await server.kill('SIGTERM');
    expect(await banner({})).not.toContain(KNOWN);
  });
});

describe('the log', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createEmptyDatabase();
  });
  afterAll(() => database.drop());

  test('has a line for each request where it is asked for, with its id, and never the query', async () => {
    const server = await ServerProcess.start({ DATABASE_URL: database.url, LOG_REQUESTS: 'on' });
    const own = await fetch(`${server.origin}/verify-email?token=secret`, {
      headers: { 'x-request-id': 'from-a-proxy.1' },
    });
    expect(own.headers.get('x-request-id')).toBe('from-a-proxy.1');
    const [first, second] = [await fetch(`${server.origin}/health`), await fetch(`${server.origin}/health`)];
    const ids = [first, second].map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(2);
    for (const id of ['a b', 'x'.repeat(129), '"']) {
      const { headers } = await fetch(`${server.origin}/health`, { headers: { 'x-request-id': id } });
      expect(headers.get('x-request-id')).toMatch(/^[\w-]+$/);
    }
    await server.kill('SIGTERM');
    const lines = server.log.filter(({ msg }) => msg === 'request');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toEqual({
      level: 30,
      time: expect.any(Number),
      requestId: 'from-a-proxy.1',
      method: 'GET',
      path: '/verify-email',
      status: 200,
      ms: expect.any(Number),
      address: '127.0.0.1',
      msg: 'request',
    });
    expect(server.stdout).not.toContain('secret');
    expect(server.log.filter(({ msg }) => String(msg).startsWith('stopping'))).toEqual([
      expect.objectContaining({ signal: 'SIGTERM', level: 30 }),
    ]);
  });

  test('is quiet about requests otherwise, and names a refused origin once', async () => {
    const server = await ServerProcess.start({ DATABASE_URL: database.url });
    for (let i = 0; i < 3; i++) {
      const refused = await fetch(`${server.origin}/health`, { headers: { origin: 'https://app.example' } });
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
      await fetch(`${server.origin}/health`, { headers: { origin: server.origin } });
      await fetch(`${server.origin}/health`, { headers: { origin: 'http://localhost:3000' } });
    }
    await server.kill('SIGTERM');
    expect(server.log.filter(({ level }) => level !== 30)).toEqual([
      expect.objectContaining({ origin: 'https://app.example', msg: expect.stringContaining('CORS_ORIGINS') }),
    ]);
    expect(server.log.filter(({ msg }) => msg === 'request')).toEqual([]);
  });
});

describe('the addresses that operators try', () => {
  test('/health answers as /health/ready, and / in production says what this is, without pages', async () => {
    const folder = temporaryFolder();
    const database = await createEmptyDatabase();
    const server = await ServerProcess.start({
      ...PRODUCTION,
      DATABASE_URL: database.url,
      ADMIN_PASSWORD_FILE: write(path.join(folder, 'password'), 'correct horse battery staple\n'),
      ADMIN_PASSWORD: undefined,
    });
    const ready = await fetch(`${server.origin}/health`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ok', dependencies: { database: 'up', 'change-feed': 'up' } },
    ]);
    const root = await fetch(server.origin);
    expect([root.status, await root.json()]).toEqual([
      200,
      { name: 'Identity server', graphql: '/graphql', docs: '/docs', health: '/health' },
    ]);
    expect((await fetch(`${server.origin}/playground`)).status).toBe(404);
    await server.kill('SIGTERM');
    await database.drop();
  });
});

function write(file: string, text: string): string {
  fs.writeFileSync(file, text);
  return file;
}

test('codes are logged on the embedded development start only', async () => {
  const database = await createEmptyDatabase();
  const server = await ServerProcess.start({ DATABASE_URL: database.url, NODE_ENV: 'development' });
  const post = (target: string, body: object) =>
    fetch(`${server.origin}${target}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const email = 'member@example.org';
  await post('/identity/users', { username: 'member', password: 'a password', dob: '2000-01-31', email });
  expect((await post('/identity/auth/forgot-password', { email })).status).toBe(200);
  const mails = () => server.log.filter(({ msg }) => String(msg).startsWith('A mail was written'));
  while (mails().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const file = String(mails()[0]!.file);
  const code = /\b\d{6}\b/.exec(fs.readFileSync(file, 'utf8').split('\r\n\r\n').slice(1).join())![0];
  expect(mails()[0]).toEqual({ level: 30, time: expect.any(Number), file, msg: expect.any(String) });
  expect(server.stdout).not.toContain(code);
  await server.kill('SIGTERM');
  await database.drop();
});
