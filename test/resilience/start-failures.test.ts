import fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { type Environment, ServerProcess, temporaryFolder } from '../support/processes';

/**
 * What a person reads who has made a mistake: one clear sentence, exit code 1, and no stack trace.
 */
async function failure(env: Environment, cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await ServerProcess.spawn({ LOG_LEVEL: 'silent', ...env }, cwd).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toMatch(/^\s+at |node:internal|node_modules|Error:/m);
  return stderr.trim();
}

let database: TestDatabase;
let taken: Server;
let port: string;
beforeAll(async () => {
  database = await createEmptyDatabase();
  taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  port = String((taken.address() as { port: number }).port);
});
afterAll(async () => {
  taken.close();
  await database.drop();
});

test('bad values are all named, a line each', async () => {
  expect(await failure({ PORT: 'abc', BCRYPT_COST: '99', REDIS_URL: 'localhost' })).toBe(
    [
      'The configuration is not usable:',
      '  - PORT must be a whole number from 0 to 65535, not "abc"',
      '  - REDIS_URL must be redis://host:port, rediss://host:port, redis+sentinel://host:port,host:port/name or redis+cluster://host:port,host:port',
      '  - BCRYPT_COST must be a whole number from 4 to 16, not "99"',
    ].join('\n'),
  );
});

test('production without its secrets', async () => {
  const none = {
    NODE_ENV: 'production',
    JWT_SIGNER_KEY: undefined,
    ADMIN_USERNAME: undefined,
    ADMIN_PASSWORD: undefined,
    BCRYPT_COST: undefined,
  };
  expect(await failure(none)).toBe(
    [
      'The configuration is not usable:',
      "  - JWT_SIGNER_KEY is required in production; make one with: openssl rand -base64 64 | tr -d '\\n'",
      '  - ADMIN_USERNAME and ADMIN_PASSWORD are required in production; there is no default administrator',
    ].join('\n'),
  );
});

test('a private key that is none', async () => {
  const env = {
    SECURITY_PROFILE: 'strict',
    JWT_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\\nnone\\n-----END PRIVATE KEY-----',
  };
  expect(await failure(env)).toBe(
    'The configuration is not usable:\n  - JWT_PRIVATE_KEY is not a private key in PKCS#8 PEM form',
  );
});

test('a port that is in use', async () => {
  expect(await failure({ PORT: port, DATABASE_URL: database.url })).toBe(
    `Port ${port} is in use: stop what uses it, or set PORT, GATEWAY_PORT or METRICS_PORT to another.`,
  );
  expect(await failure({ GATEWAY_PORT: port, DATABASE_URL: database.url })).toBe(
    `Port ${port} is in use: stop what uses it, or set PORT, GATEWAY_PORT or METRICS_PORT to another.`,
  );
});

describe('a database that cannot be used', () => {
  test.each([
    [
      'nothing listens',
      'postgres://somebody:secret@127.0.0.1:1/identity',
      /^PostgreSQL at 127\.0\.0\.1:1\/identity cannot be used: connect ECONNREFUSED 127\.0\.0\.1:1\./,
    ],
    [
      'no such host',
      'postgres://somebody:secret@no-such-host.invalid/identity',
      /^PostgreSQL at no-such-host\.invalid:5432\/identity cannot be used: getaddrinfo \w+ no-such-host\.invalid\./,
    ],
  ])('%s', async (_what, url, message) => {
    const said = await failure({ DATABASE_URL: url });
    expect(said).toMatch(message);
    expect(said).toMatch(/ Check DATABASE_URL and that the server is running$/);
    expect(said).not.toContain('secret');
  });

  test('another program listens, and never answers', async () => {
    expect(await failure({ DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/d` })).toMatch(
      /^PostgreSQL at 127\.0\.0\.1:\d+\/d cannot be used: timeout expired\. Check DATABASE_URL/,
    );
  });

  test('there is no such database', async () => {
    const missing = Object.assign(new URL(database.url), { pathname: '/not_there' }).href;
    expect(await failure({ DATABASE_URL: missing })).toMatch(
      /cannot be used: database "not_there" does not exist\. Check DATABASE_URL/,
    );
  });
});

test('an administrator’s name or password that the rules do not allow, and the next start with better ones is the first', async () => {
  const empty = await createEmptyDatabase();
  const env = { DATABASE_URL: empty.url };
  expect(await failure({ ...env, ADMIN_USERNAME: 'abc' })).toBe(
    'The configuration is not usable:\n  - ADMIN_USERNAME cannot be a user name: Username must be at least 4 characters',
  );
  expect(await failure({ ...env, ADMIN_PASSWORD: '12345' })).toBe(
    'ADMIN_USERNAME or ADMIN_PASSWORD cannot be used: Password must be at least 6 characters',
  );
  const server = await ServerProcess.start({ ...env, ADMIN_USERNAME: 'abcd', ADMIN_PASSWORD: '123456' });
  await server.login('abcd', '123456');
  await server.kill('SIGTERM');
  await empty.drop();
});

test('a role to be seeded that cannot be one', async () => {
  expect(await failure({ DATABASE_URL: database.url, SEED_ROLES: 'LEARNER,TWO WORDS' })).toBe(
    'The configuration is not usable:\n  - SEED_ROLES holds "TWO WORDS", which cannot be the name of a role',
  );
});

test('a data directory that is a file', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'file');
  fs.writeFileSync(file, '');
  expect(await failure({ DATA_DIR: file, JWT_SIGNER_KEY: undefined }, folder)).toMatch(/file/);
});

test.each(['/proc/nope', '/proc/nope/deeper', '/proc', '/dev/null/data'])(
  'a data directory that cannot be made (%s) fails at once',
  async (folder) => {
    expect(await failure({ DATA_DIR: folder })).toMatch(
      new RegExp(`^DATA_DIR ${folder} cannot be used \\(\\w+\\): set it to a folder that can be written$`),
    );
  },
);

test('every mistake of the environment is reported at once, whatever it is', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'empty'), '\n');
  const message = await failure({
    NODE_ENV: 'production',
    JWT_SIGNER_KEY: 'short',
    JWT_PRIVATE_KEY: 'none',
    BCRYPT_COST: '9',
    ADMIN_USERNAME: 'abc',
    MAIL_FROM: 'nobody',
    DEFAULT_ROLES: 'TWO WORDS',
    SMTP_URL_FILE: '/no/such/file',
    REDIS_URL_FILE: path.join(folder, 'empty'),
    DATABASE_URL: 'postgres://localhost/d',
    DATABASE_URL_FILE: path.join(folder, 'empty'),
    PORT: '8080',
    GATEWAY_PORT: '8080',
  });
  expect(message.split('\n').map((line) => line.trim().replace(/^- (\w+).*$/, '$1'))).toEqual([
    'The configuration is not usable:',
    'DATABASE_URL',
    'REDIS_URL_FILE',
    'SMTP_URL_FILE',
    'JWT_SIGNER_KEY',
    'JWT_PRIVATE_KEY',
    'ADMIN_USERNAME',
    'DEFAULT_ROLES',
    'MAIL_FROM',
    'BCRYPT_COST',
    'PORT',
  ]);
});

test('a mistake in the file .env is found like one in the environment, which goes before it', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, '.env'), 'LOGIN_RATE_LIMIT=often\nTOKEN_TTL=soon\n');
  expect(await failure({ LOGIN_RATE_LIMIT: '5/60' }, folder)).toBe(
    'The configuration is not usable:\n  - TOKEN_TTL must be a whole number from 1 to 315360000, not "soon"',
  );
});
