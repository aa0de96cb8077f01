import net from 'node:net';
import { IntrospectDocument, LoginDocument, LogoutDocument, MeDocument } from '../../src/rest/generated/operations';
import { ADMIN, PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { grown, readSamples, type Samples, scrape } from '../support/metrics';

let app: TestApp;
let user: TestUser;
const scrapeApp = () => scrape(`${app.origin}/metrics`);
beforeAll(async () => {
  app = await startApp({ env: { LOGIN_RATE_LIMIT: '2/60' } });
  user = await app.user();
});
afterAll(() => app.close());

/** What the work adds to the samples that match. */
async function added(pattern: RegExp, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await scrapeApp();
  await work();
  return grown(before, await scrapeApp(), pattern);
}

const rest = (path: string, body: unknown, token?: string) =>
  fetch(app.origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });

test('counts operations by channel, root field and outcome, whatever a client calls them', async () => {
  const changes = await added(/^identity_operations_total|^identity_operation_duration_seconds_count/, async () => {
    await app.data(MeDocument, {}, user.token);
    await app.gql('query secretName { a: me { username } b: me { id } }', {}, user.token);
    await app.gql('{ ...f } fragment f on Query { me { id } settings { registration } }', {}, user.token);
    await app.gql('{ __typename }');
    await app.gql('{ users { nodes { id } } }', {}, user.token);
    await rest('/identity/auth/introspect', { token: user.token });
  });
  const of = (channel: string, operation: string) => `{channel="${channel}",operation="${operation}"`;
  expect(changes).toEqual({
    [`identity_operations_total${of('graphql', 'me')},outcome="ok"}`]: 2,
    [`identity_operations_total${of('graphql', 'several')},outcome="ok"}`]: 1,
    [`identity_operations_total${of('graphql', 'introspection')},outcome="ok"}`]: 1,
    [`identity_operations_total${of('graphql', 'users')},outcome="refused"}`]: 1,
    [`identity_operations_total${of('identity', 'introspect')},outcome="ok"}`]: 1,
    [`identity_operation_duration_seconds_count${of('graphql', 'me')}}`]: 2,
    [`identity_operation_duration_seconds_count${of('graphql', 'several')}}`]: 1,
    [`identity_operation_duration_seconds_count${of('graphql', 'introspection')}}`]: 1,
    [`identity_operation_duration_seconds_count${of('graphql', 'users')}}`]: 1,
    [`identity_operation_duration_seconds_count${of('identity', 'introspect')}}`]: 1,
  });
});

test('counts logins, tokens, refusals and limits by what became of them', async () => {
  const stranger = `nobody-${Date.now()}`;
  const login = (username: string, password: string) => app.gql(LoginDocument, { input: { username, password } });
  const changes = await added(/^identity_(logins|refusals|tokens_\w+|rate_limit_refusals)_total/, async () => {
    await login(user.username, PASSWORD);
    await login(user.username, 'wrong');
    for (let i = 0; i < 3; i++) await login(stranger, 'wrong');
    await rest('/identity/auth/token', { username: ADMIN.username, password: ADMIN.password });
    await app.gql(MeDocument, {}, 'no.such.token');
  });
  expect(changes).toEqual({
    'identity_logins_total{channel="graphql",outcome="success"}': 1,
    'identity_logins_total{channel="graphql",outcome="wrong-password"}': 1,
    'identity_logins_total{channel="graphql",outcome="unknown-user"}': 2,
    'identity_logins_total{channel="graphql",outcome="rate-limited"}': 1,
    'identity_logins_total{channel="identity",outcome="success"}': 1,
    'identity_refusals_total{channel="graphql",code="INVALID_CREDENTIALS"}': 3,
    'identity_refusals_total{channel="graphql",code="RATE_LIMITED"}': 1,
    'identity_refusals_total{channel="graphql",code="UNAUTHENTICATED"}': 1,
    'identity_rate_limit_refusals_total{limit="login:pair"}': 1,
    'identity_tokens_issued_total{kind="session"}': 1,
    'identity_tokens_issued_total{kind="refresh"}': 1,
    'identity_tokens_issued_total{kind="compat"}': 1,
    'identity_tokens_refused_total{kind="access",reason="WRONG_SIGNATURE"}': 1,
  });
});

test('tells a token that has ended from one that is not valid', async () => {
  const { token } = await app.user();
  const changes = await added(/^identity_tokens_refused_total/, async () => {
    await app.data(LogoutDocument, { input: { token } });
    await app.data(IntrospectDocument, { input: { token } });
  });
  expect(changes).toEqual({ 'identity_tokens_refused_total{kind="access",reason="SESSION_ENDED"}': 1 });
});

test('counts what caches answered', async () => {
  await app.data(MeDocument, {}, user.token);
  const changes = await added(/^identity_cache_requests_total/, async () => {
    for (let i = 0; i < 5; i++) await app.data(MeDocument, {}, user.token);
  });
  const hits = (cache: string) => changes[`identity_cache_requests_total{cache="${cache}",result="hit"}`];
  expect(['tokens', 'current-users', 'roles', 'documents'].map(hits)).toEqual([5, 5, 5, 5]);
});

test('shows the state of the process: feed, queues, connections, jobs', async () => {
  const samples = await scrapeApp();
  expect(samples.get('identity_change_feed_trusted')).toBe(1);
  expect(samples.get('identity_change_feed_lag_seconds')).toBeGreaterThan(0);
  expect(samples.get('identity_hash_queue_waiting{line="logins"}')).toBe(0);
  expect(samples.get('identity_hash_duration_seconds_count{outcome="ok"}')).toBeGreaterThan(0);
  expect(samples.get('identity_sql_connections{state="idle"}')).toBeGreaterThan(0);
  expect(samples.get('identity_sql_duration_seconds_count{outcome="ok"}')).toBeGreaterThan(0);
  expect(samples.get('identity_jobs_waiting{kind="clean-up"}')).toBe(0);
  expect(samples.has('identity_redis_up')).toBe(false); // there is no Redis here
});

test('holds nothing that a client has sent, and no more series after 10,000 made-up names', async () => {
  const secret = 'a-password-that-nobody-may-read';
  await app.gql(LoginDocument, { input: { username: secret, password: secret } });
  await sendNames(KINDS, 'first'); // the series of every kind of request that follows
  const before = await scrapeApp();
  await sendNames(2500, 'made');
  const response = await fetch(`${app.origin}/metrics`);
  const text = await response.text();
  const after = readSamples(text);
  expect([...after.keys()]).toEqual([...before.keys()]);
  expect(requestsIn(after) - requestsIn(before)).toBe(2501);
  for (const sent of [secret, 'made1', user.username, user.token]) expect(text).not.toContain(sent);
});

const requestsIn = (samples: Samples) => samples.get('identity_http_request_duration_seconds_count')!;

/** Four kinds of requests: documents that run, do not fit and cannot be parsed, and a path that is not there. */
const KINDS = 4;

/** Four names of a client's own invention in each request, pipelined: operation, alias, field, path, headers. */
async function sendNames(count: number, word: string): Promise<void> {
  const { hostname, port } = new URL(app.origin);
  const socket = net.connect(Number(port), hostname).setEncoding('latin1');
  const requests = Array.from({ length: count }, (_, i) => {
    const name = `${word}${i}`;
    const query = [`query ${name} { me { alias_${name}: id } }`, `query ${name} { field_${name} }`, `{ broken_${name}`][
      i % KINDS
    ];
    const body = query === undefined ? '' : JSON.stringify({ query, operationName: name });
    const head = query === undefined ? `GET /path-${name}/users?query-${name}=1` : 'POST /graphql';
    const close = i === count - 1 ? 'close' : 'keep-alive';
    return [
      `${head} HTTP/1.1`,
      'host: localhost',
      `authorization: Bearer ${query === undefined ? name : user.token}`,
      `x-request-id: id-${name}`,
      `user-agent: agent-${name}`,
      `connection: ${close}`,
      ...(query === undefined ? [] : ['content-type: application/json', `content-length: ${body.length}`]),
      '',
      body,
    ].join('\r\n');
  });
  let answered = 0;
  for await (const _ of answersOf(socket, requests)) answered++;
  expect(answered).toBe(requests.length);
}

/** Sends sixteen requests at a time, as many as a connection may have unanswered. */
async function* answersOf(socket: net.Socket, requests: readonly string[]): AsyncGenerator<void> {
  let sent = 0;
  let received = 0;
  const send = () => {
    socket.write(requests.slice(sent, sent + 16).join(''));
    sent = Math.min(sent + 16, requests.length);
  };
  send();
  for await (const chunk of socket) {
    for (const _ of String(chunk).matchAll(/HTTP\/1\.1 \d/g)) {
      received++;
      yield;
    }
    if (received === sent && sent < requests.length) send();
    if (received === requests.length) break;
  }
}
