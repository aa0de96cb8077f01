import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { LoginDocument, RequestPasswordResetDocument } from '../../src/rest/generated/operations';
import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../fakes/otlp/receiver';
import { type SmtpTestServer, startSmtpServer } from '../fakes/smtp/smtp';
import { PASSWORD, startApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/environment';
import { eventually } from '../support/eventually';
import type { TestUser } from '../support/identity-client';
import { type Ending, ServerProcess } from '../support/processes';
import { describeWithRedis } from '../support/redis';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';
const EMAIL = 'traced@example.org';
const COLLECTOR_KEY = 'collector-key-1';

/** A server in front of Kong that keeps the headers of every call. */
async function startKongProxy(
  kong: FakeKong,
): Promise<{ url: string; calls: http.IncomingHttpHeaders[]; stop(): void }> {
  const calls: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((request, response) => {
    calls.push(request.headers);
    const upstream = http.request(kong.adminUrl + request.url, { method: request.method, headers: request.headers });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, stop };
}

describeWithRedis('a server with a collector', (redis) => {
  let database: TestDatabase;
  let receiver: OtlpReceiver;
  let kong: FakeKong;
  let kongProxy: Awaited<ReturnType<typeof startKongProxy>>;
  let smtp: SmtpTestServer;
  let user: TestUser;
  let ending: Ending;
  let log: Record<string, unknown>[];
  beforeAll(async () => {
    database = await createTestDatabase();
    receiver = await startOtlpReceiver();
    kong = await startFakeKong();
    kongProxy = await startKongProxy(kong);
    smtp = await startSmtpServer();
    const server = await ServerProcess.start({
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      KONG_ADMIN_URL: kongProxy.url,
      SMTP_URL: smtp.url,
      LOG_REQUESTS: 'on',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-collector-key=${COLLECTOR_KEY}`,
      OTEL_SERVICE_NAME: 'identity-under-test',
    });
    user = await server.user({ email: EMAIL });
    const json = { 'content-type': 'application/json' };
    await fetch(server.url, {
      method: 'POST',
      headers: { ...json, traceparent: `00-${TRACE}-${CALLER_SPAN}-01`, 'x-request-id': 'traced-login' },
      body: JSON.stringify({
        query: 'mutation anything($input: LoginInput!) { login(input: $input) { user { id } } }',
        variables: { input: { username: user.username, password: PASSWORD } },
      }),
    });
    await server.gql(LoginDocument, { input: { username: user.username, password: 'wrong' } });
    await fetch(`${server.origin}/api/public/signin`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ username: user.username, password: PASSWORD }),
    });
    await server.data(RequestPasswordResetDocument, { input: { email: EMAIL } });
    await eventually('the mail', () => smtp.received.some(({ recipients }) => recipients.includes(EMAIL)));
    await fetch(`${server.origin}/identity/users/${user.id}?email=${EMAIL}`, {
      headers: { authorization: `Bearer ${user.token}` },
    });
    ending = await server.kill('SIGTERM');
    log = server.log;
  });
  afterAll(async () => {
    kongProxy.stop();
    await Promise.all([kong.stop(), smtp.close(), receiver.close()]);
    await database.drop();
  });

  const named = (name: string): ReceivedSpan[] => receiver.spans.filter((span) => span.name === name);
  const parentOf = ({ parentSpanId }: ReceivedSpan) => receiver.spans.find(({ spanId }) => spanId === parentSpanId);
  const pathOf = (span: ReceivedSpan): string[] => {
    const parent = parentOf(span);
    return [...(parent ? pathOf(parent) : []), span.name];
  };

  test('continues the trace of the caller, from the request to its statements, commands and hashes', () => {
    const inTrace = receiver.spans.filter(({ traceId }) => traceId === TRACE);
    const request = inTrace.find(({ kind }) => kind === 2)!;
    expect(request).toMatchObject({
      name: 'POST /graphql',
      parentSpanId: CALLER_SPAN,
      isError: false,
      service: 'identity-under-test',
      attributes: { 'http.request.method': 'POST', 'http.route': '/graphql', 'http.response.status_code': 200 },
    });
    const paths = new Set(inTrace.map((span) => pathOf(span).join(' > ')));
    for (const last of ['find-credentials-by-name', 'open-refreshable-session', 'EVAL', 'SET', 'bcrypt compare'])
      expect(paths).toContain(`POST /graphql > mutation login > ${last}`);
    const statement = inTrace.find(({ name }) => name === 'find-credentials-by-name')!;
    expect(statement).toMatchObject({
      kind: 3,
      attributes: { 'db.system.name': 'postgresql', 'db.query.summary': 'find-credentials-by-name' },
    });
  });

  test('names calls to Kong and mails, each below what has asked for it, and Kong gets the trace', () => {
    const [call] = named('POST /consumers/{consumer}/jwt');
    expect(pathOf(call!)).toEqual(['POST /api/public/signin', 'mutation kongSignIn', call!.name]);
    const carried = kongProxy.calls.map(({ traceparent }) => traceparent);
    expect(carried).toContain(`00-${call!.traceId}-${call!.spanId}-01`);
    expect(named('send mail').map((span) => pathOf(span))).toContainEqual(['job code-mail', 'send mail']);
  });

  test('a request is named by its route, not by its path', () => {
    expect(named('GET /identity/users/:userId')).toMatchObject([
      { attributes: { 'http.route': '/identity/users/:userId' } },
    ]);
  });

  test('spans hold no secret and nothing that a client has typed', () => {
    const sent = receiver.text();
    for (const text of [
      PASSWORD,
      user.token,
      user.tokens.refreshToken!,
      user.username,
      EMAIL,
      'anything',
      COLLECTOR_KEY,
    ])
      expect(sent).not.toContain(text);
    expect(receiver.headers[0]).toMatchObject({ 'x-collector-key': COLLECTOR_KEY });
  });

  test('lines of the log carry the ids of request and trace', () => {
    const line = log.find(({ requestId, msg }) => requestId === 'traced-login' && msg === 'request');
    expect(line).toMatchObject({ traceId: TRACE, path: '/graphql', status: 200 });
    expect(receiver.spans.map(({ spanId }) => spanId)).toContain(line!.spanId);
  });

  test('SIGTERM sends what is left, and the exit code is 0', () => {
    expect(ending.code).toBe(0);
    expect(named('GET /identity/users/:userId')).toHaveLength(1); // the last request before the signal
  });
});

test('a collector that is away or refuses holds nothing up', async () => {
  const app = await startApp({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` } });
  const user = await app.user();
  expect((await app.data('{ me { username } }', {}, user.token)).me).toEqual({ username: user.username });
  await app.close();
  expect(app.logs.filter(({ msg }) => msg.startsWith('spans could not be sent')).length).toBeLessThanOrEqual(1);
});

test('a sampler decides what is sent', async () => {
  const receiver = await startOtlpReceiver();
  const app = await startApp({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
  });
  await app.data('{ settings { registration } }');
  const body = JSON.stringify({ query: '{ settings { registration } }' });
  const headers = { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CALLER_SPAN}-01` };
  await fetch(app.url, { method: 'POST', headers, body });
  await app.close();
  await receiver.close();
  expect(new Set(receiver.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
});

test('nothing of the SDK is part of the bundle that a start loads', () => {
  const packages = fs.readFileSync('dist/src/bundle/packages.js', 'utf8');
  expect(packages).not.toContain('BatchSpanProcessor');
  expect(fs.readFileSync('dist/src/bundle/server.js', 'utf8')).toContain('import("@opentelemetry/sdk-trace")');
});
