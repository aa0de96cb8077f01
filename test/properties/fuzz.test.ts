import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { CreateUserDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { type FuzzRequest, fuzzBytes, fuzzRequests, type Sender } from './fuzz/requests';

/** `npm run drill:fuzz` sends ten times as many, and asks for each answer within a second. */
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 20_000);
const LIMIT_MS = Number(process.env.FUZZ_LIMIT_MS ?? Number.POSITIVE_INFINITY);
/** The same inputs in every run, unless FUZZ_SEED is another number. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const AT_ONCE = 8;
const BATCH = 500;
jest.setTimeout(INPUTS * 100); // a tenth of a second each, on a machine of any speed

let app: TestApp;
let team: string;
let members = 0;
let ports: Record<FuzzRequest['port'], number>;
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
let slowest = { ms: 0, what: '' };
beforeAll(async () => {
  // limits count by address, and each input comes from one of its own
  const env = {
    GATEWAY_PORT: '0',
    TRUST_PROXY: '1',
    LOGIN_RATE_LIMIT: '100000/60',
    REGISTRATION_RATE_LIMIT: '100000/60',
  };
  app = await startApp({ env });
  team = await app.role(['READ_USERS', 'UPDATE_USER']);
  ports = {
    main: Number(new URL(app.origin).port),
    gateway: (app.app.gatewayHttp!.server.address() as AddressInfo).port,
  };
});
afterAll(async () => {
  agent.destroy();
  await app.close(); // throws what was logged as an error
});

/** A token for each sender: some inputs end the one that they are sent with. */
async function tokens(): Promise<Record<Sender, string | undefined>> {
  const body = JSON.stringify({ username: 'admin', password: 'password123' });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${app.origin}/identity/auth/token`, { method: 'POST', headers, body });
  const { result } = (await response.json()) as { result: { token: string } };
  const admin = (await app.login('admin', 'password123')).accessToken;
  const username = `member${++members}`;
  await app.data(CreateUserDocument, { input: { username, password: PASSWORD, roles: [team] } }, admin);
  return {
    admin,
    member: (await app.login(username)).accessToken,
    compat: result.token,
    nobody: undefined,
    forged: 'eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl',
  };
}

/** What is sent page by page. */
const LIST = /^\/(?:identity|auth)\/users(?:\?|$)/;

async function send(request: FuzzRequest, address: string, token: string | undefined): Promise<[number, string]> {
  const { method, path, port } = request;
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    'x-forwarded-for': address,
    ...request.headers,
  };
  const sent = http.request({ host: '127.0.0.1', port: ports[port], agent, method, path, headers });
  sent.end(request.body);
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
  const body = text(response).catch((error: Error) => {
    if (method !== 'GET' || !LIST.test(path) || response.statusCode !== 200) throw error;
    return ''; // another input ended the token meanwhile, so that the list is cut between two pages
  });
  return [response.statusCode!, await body];
}

const addressOf = (index: number) => `2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`;
const UNEXPECTED = /INTERNAL_SERVER_ERROR|"code":9999/;
/** The description of the REST channels names every error. */
const DESCRIPTION = /^\{"openapi":/;

async function check(request: FuzzRequest, index: number, token: string | undefined): Promise<void> {
  const startedAt = performance.now();
  const what = () => JSON.stringify({ index, ...request, body: request.body?.toString().slice(0, 2000) });
  const [status, body] = await send(request, addressOf(index), token).catch((error) => {
    throw new Error(`no answer (${error.message}): ${what()}`);
  });
  const ms = performance.now() - startedAt;
  if (ms > slowest.ms) slowest = { ms, what: what() };
  if (status === 500 || (UNEXPECTED.test(body) && !DESCRIPTION.test(body)))
    throw new Error(`${status} ${body.slice(0, 500)}: ${what()}`);
}

test(`${INPUTS} inputs to every channel: every one is answered, and none with an unexpected error`, async () => {
  for (let batch = 0; batch * BATCH < INPUTS; batch++) {
    const inputs = fc.sample(fuzzRequests(app.app.schema), { seed: SEED + batch, numRuns: BATCH });
    const bearers = await tokens();
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let i = next++; i < BATCH; i = next++)
          await check(inputs[i]!, batch * BATCH + i, bearers[inputs[i]!.sender]);
      }),
    );
  }
  if (Number.isFinite(LIMIT_MS)) process.stdout.write(`the slowest of ${INPUTS} took ${slowest.ms.toFixed(0)} ms\n`);
  if (slowest.ms > LIMIT_MS) throw new Error(`${slowest.ms.toFixed(0)} ms: ${slowest.what}`);
});

test('bytes that are nearly HTTP are answered or cut off, and the server goes on', async () => {
  for (const bytes of fc.sample(fuzzBytes, { seed: SEED, numRuns: INPUTS / 20 })) {
    const socket = connect(ports.main, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(bytes);
    expect(await text(socket).catch(() => '')).not.toMatch(/^HTTP\/1\.1 500|INTERNAL_SERVER_ERROR/);
  }
  expect((await fetch(`${app.origin}/health/ready`)).status).toBe(200);
});

test('afterwards the administrator is unchanged, and no user has a control character in the name', async () => {
  const { accessToken } = await app.login('admin', 'password123');
  const { me } = await app.data('{ me { username roles { name } } }', {}, accessToken);
  expect(me).toEqual({ username: 'admin', roles: [{ name: 'ADMIN' }] });
  expect(await app.sql("select 1 from users where username ~ '[\\x01-\\x1f]'")).toEqual([]);
});
