import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createConnection } from 'node:net';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { createSeededDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { type Environment, ServerProcess, temporaryFolder } from '../support/processes';

/**
 * As a newcomer starts it: nothing set, an embedded database, keys that it makes itself. Only the
 * ports are free ones.
 */
const NOTHING = {
  NODE_ENV: undefined,
  JWT_SIGNER_KEY: undefined,
  ADMIN_USERNAME: undefined,
  ADMIN_PASSWORD: undefined,
  BCRYPT_COST: '4',
};

const ME = '{ me { username } }';
const createUser = (server: ServerProcess, username: string) =>
  server.outcome('mutation($input: CreateUserInput!) { createUser(input: $input) { user { id } } }', {
    input: { username, password: 'password' },
  });
const usernames = async (server: ServerProcess, token: string) =>
  (
    await server.data<{ users: { nodes: { username: string }[] } }>(
      '{ users(first: 1000) { nodes { username } } }',
      {},
      token,
    )
  ).users.nodes.map(({ username }) => username);

describe('with nothing but Node', () => {
  const folder = temporaryFolder();
  /** Starts it again on what the one before has left. */
  const startAgain = () => ServerProcess.start(NOTHING, folder);
  let token: string;

  test('the first start says where it serves, who the administrator is, and that its secrets are generated', async () => {
    const server = await ServerProcess.start(NOTHING, folder);
    expect(server.stdout).toMatch(/^\nIdentity server ready in \d+\.\d s\n/);
    for (const line of [
      `  GraphQL      ${server.origin}/graphql`,
      `  Playground   ${server.origin}/playground`,
      `  REST         ${server.origin}/identity`,
      `  REST docs    ${server.origin}/docs`,
      '  Administrator admin / password123   (created by this first start)',
      '  *** DEVELOPMENT SECRETS ARE IN USE: not for production ***',
    ])
      expect(server.stdout).toContain(`${line}\n`);
    token = await server.admin();
    expect(await createUser(server, 'stays')).toBe('ok');
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('after an orderly end everything is there: users, passwords, keys, sessions', async () => {
    const server = await startAgain();
    expect(server.stdout).toContain('  Administrator admin\n');
    expect(await server.data(ME, {}, token)).toEqual({ me: { username: 'admin' } });
    expect(await usernames(server, token)).toEqual(['admin', 'stays']);
    await server.login('stays', 'password');
    expect(await server.kill('SIGINT')).toMatchObject({ code: 0 });
  });

  test('after kill -9 in the middle of writing everything is there that was confirmed, and the next start needs no help', async () => {
    const server = await startAgain();
    const confirmed: string[] = [];
    const writing = Promise.allSettled(
      Array.from({ length: 200 }, async (_, i) => {
        if ((await createUser(server, `written-${i}`)) === 'ok') confirmed.push(`written-${i}`);
      }),
    );
    await eventually('twenty confirmed', () => confirmed.length >= 20);
    expect(await server.kill('SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });
    await writing;
    const next = await startAgain();
    expect(await usernames(next, token)).toEqual(expect.arrayContaining(['admin', 'stays', ...confirmed]));
    expect(await createUser(next, 'after the kill')).toBe('ok');
    await next.kill('SIGKILL');
  });

  test('a database that is killed is started again, and everything confirmed is there', async () => {
    const server = await startAgain();
    expect(await createUser(server, 'before the database was killed')).toBe('ok');
    const lock = path.join(folder, 'data/postgres/pgdata/postmaster.pid');
    process.kill(Number(fs.readFileSync(lock, 'utf8').split('\n')[0]), 'SIGKILL');
    await eventually('the database is used again', async () => (await server.outcome(ME, {}, token)) === 'ok');
    await eventually('a write', async () => (await createUser(server, 'after that')) !== 'SERVICE_UNAVAILABLE');
    expect(await usernames(server, token)).toEqual(
      expect.arrayContaining(['before the database was killed', 'after that']),
    );
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
  });

  test('two at once on one folder: the second is told which process has it, and the first goes on', async () => {
    const first = await startAgain();
    const { code, stderr } = await ServerProcess.spawn(NOTHING, folder).ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(
          `^The data directory .* is in use by process ${first.pid}, which is running: stop it first, or choose another directory\\.\n$`,
        ),
      ),
    });
    expect(await first.data(ME, {}, token)).toEqual({ me: { username: 'admin' } });
    await first.kill('SIGTERM');
  });
});

describe('SIGTERM', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createSeededDatabase();
  });
  afterAll(() => database.drop());
  const start = (env: Environment = {}) => ServerProcess.start({ DATABASE_URL: database.url, ...env });
  const LOGIN = 'mutation { login(input: { username: "admin", password: "password123" }) { user { username } } }';
  const HEAD = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n';
  /** A connection on which this has been sent, and no more. */
  const connected = async (server: ServerProcess, sent = '') => {
    const socket = createConnection(Number(new URL(server.origin).port), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    if (sent) socket.write(sent);
    return socket;
  };

  test('lets requests under way finish, on every address, takes no new ones, and ends with 0', async () => {
    const server = await start({ HOST: 'localhost' });
    const { port } = new URL(server.origin);
    const addresses = (await lookup('localhost', { all: true })).map(({ address, family }) =>
      family === 6 ? `[${address}]` : address,
    );
    const underWay = await Promise.all(addresses.map((address) => beginRequest(`http://${address}:${port}/graphql`)));
    const ending = server.kill('SIGTERM');
    for (const address of addresses)
      await eventually(`${address} takes no requests`, () =>
        fetch(`http://${address}:${port}/health/live`, { headers: { connection: 'close' } }).then(
          () => false,
          ({ message }: Error) => message === 'fetch failed',
        ),
      );
    for (const finish of underWay)
      expect(await finish(JSON.stringify({ query: LOGIN }))).toEqual({
        data: { login: { user: { username: 'admin' } } },
      });
    expect(await ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('does not wait for clients that are connected and have sent nothing, or half a head', async () => {
    const server = await start();
    const silent = [await connected(server), await connected(server, 'POST /graphql HTTP/1.1\r\nhost: x\r\n')];
    await server.data('{ __typename }'); // and a client that has its answer and keeps the connection
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
    for (const socket of silent) socket.destroy();
  });

  test('gives a request that does not arrive whole a few seconds; a second signal changes nothing', async () => {
    const server = await start();
    const half = await connected(server, `${HEAD}content-length: 1000\r\n\r\n{"query":`);
    await once(half, 'data'); // 100 Continue: the server has the head
    const startedAt = performance.now();
    const ending = server.kill('SIGTERM');
    process.kill(server.pid, 'SIGTERM');
    expect(await ending).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeGreaterThan(4500);
    half.destroy();
  });
});

test('the log is JSON, a line for each event, and holds neither passwords nor tokens, at its most talkative', async () => {
  const database = await createSeededDatabase();
  const server = await ServerProcess.start({ DATABASE_URL: database.url, LOG_LEVEL: 'trace' });
  const token = await server.admin();
  await server.gql('mutation { login(input: { username: "admin", password: "Tr0ub4dor" }) { user { id } } }');
  await server.gql(ME, {}, token);
  await fetch(`${server.origin}/nowhere?token=${token}`, {
    headers: { authorization: `Bearer ${token}`, cookie: `session=${token}` },
  });
  const { stdout } = await server.kill('SIGTERM');
  await database.drop();
  const lines = stdout
    .slice(stdout.indexOf('\n\n', stdout.indexOf('Administrator')))
    .split('\n')
    .filter(Boolean);
  for (const line of lines.filter((l) => !l.startsWith(' '))) expect(() => JSON.parse(line)).not.toThrow();
  expect(stdout).not.toContain('Tr0ub4dor');
  expect(stdout).not.toContain(token.slice(40));
});

/** Sends the head of a request and waits until the server has it. @returns what sends the body and reads the answer */
async function beginRequest(url: string): Promise<(body: string) => Promise<unknown>> {
  const headers = { 'content-type': 'application/json', expect: '100-continue' };
  const request = http.request(url, { method: 'POST', headers });
  request.flushHeaders();
  await once(request, 'continue');
  return async (body) => {
    request.end(body);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return json(response);
  };
}
