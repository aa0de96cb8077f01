import fs from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import { pino } from 'pino';
import { type KongSetupConfig, kongSetup, kongSetupConfig } from '../../src/cli/kong-setup';
import { loadConfig, StartupError } from '../../src/config/config';
import { KongAdmin } from '../../src/integrations/kong/kong-admin';
import { setUpKong } from '../../src/integrations/kong/kong-setup';
import { watchedClient } from '../fakes/kong/client';
import { type EchoUpstream, startEchoUpstream } from '../fakes/kong/echo-upstream';
import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';

const SECRET = 'shared-secret-of-the-gateway-0123456789';
const ORIGIN = 'http://localhost:3000';

let gateway: FakeKong;
let upstream: EchoUpstream;
/** Where the gateway's clock stands, if it stands. */
let stoppedAt: Date | null;

beforeEach(async () => {
  upstream = await startEchoUpstream();
  stoppedAt = null;
  gateway = await startFakeKong({ clock: { now: () => stoppedAt ?? new Date() } });
});

afterEach(async () => {
  await gateway.stop();
  await upstream.close();
});

const config = (changes: Partial<KongSetupConfig> = {}): KongSetupConfig => ({
  adminUrl: gateway.adminUrl,
  timeoutMs: 2000,
  upstreamUrl: upstream.url,
  corsOrigins: [ORIGIN],
  loginRateLimit: 5,
  sharedSecret: SECRET,
  ...changes,
});

const run = async (changes: Partial<KongSetupConfig> = {}) => {
  const lines: string[] = [];
  const exitCode = await kongSetup(config(changes), (line) => lines.push(line));
  return { exitCode, lines };
};

const admin = (method: string, path: string, body?: unknown) =>
  fetch(gateway.adminUrl + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

interface Echo {
  method: string;
  url: string;
  rawHeaders: [string, string][];
}

const send = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(gateway.proxyUrl + path, { method, headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    echo: response.ok && text !== '' ? (JSON.parse(text) as Echo) : undefined,
  };
};

const received = (echo: Echo | undefined, header: string) =>
  echo?.rawHeaders.filter(([name]) => name.toLowerCase() === header).map(([, value]) => value);

describe('kong:setup', () => {
  it('makes everything, one line each, and has nothing to change the second time', async () => {
    expect(await run()).toEqual({
      exitCode: 0,
      lines: [
        'created service graphql-identity',
        'created plugin cors on service graphql-identity',
        'created route graphql-identity-graphql',
        'created route graphql-identity-identity',
        'created route graphql-identity-login',
        'created plugin rate-limiting on route graphql-identity-login',
        'created route graphql-identity-session',
        'created route graphql-identity-users',
        'created route graphql-identity-public',
        'created route graphql-identity-console',
        'created route graphql-identity-verify-email',
        'created route graphql-identity-accept-invitation',
        'created route graphql-identity-well-known',
        'created service graphql-identity-auth',
        'created plugin cors on service graphql-identity-auth',
        'created route graphql-identity-auth',
        'created route graphql-identity-auth-short',
        'created service graphql-identity-token',
        'created plugin cors on service graphql-identity-token',
        'created route graphql-identity-token',
        'created service graphql-identity-protected',
        'created plugin cors on service graphql-identity-protected',
        'created plugin jwt on service graphql-identity-protected',
        'created plugin request-transformer on service graphql-identity-protected',
        'created route graphql-identity-protected',
      ],
    });
    gateway.calls.length = 0;
    expect(await run()).toEqual({ exitCode: 0, lines: ['nothing to change'] });
    expect(gateway.calls.filter((call) => !call.startsWith('GET '))).toEqual([]);
  });

  it('corrects changed settings, and prints the old values', async () => {
    await run();
    const { data: plugins } = await (await admin('GET', '/plugins')).json();
    const jwt = plugins.find(({ name }: { name: string }) => name === 'jwt');
    await admin('PATCH', `/plugins/${jwt.id}`, { enabled: false, config: { claims_to_verify: null } });
    await admin('PATCH', '/services/graphql-identity', { port: 1234 });
    await admin('PATCH', '/routes/graphql-identity-protected', { paths: ['/open'], hosts: ['example.org'] });
    await admin('DELETE', '/routes/graphql-identity-users');
    expect(await run()).toEqual({
      exitCode: 0,
      lines: [
        'updated service graphql-identity (port)',
        'created route graphql-identity-users',
        'updated plugin jwt on service graphql-identity-protected (config.claims_to_verify, enabled)',
        'updated route graphql-identity-protected (hosts, paths)',
      ],
    });
    expect((await run()).lines).toEqual(['nothing to change']);
  });

  it('follows its configuration, and removes only what it made itself', async () => {
    await run();
    await admin('POST', '/services/graphql-identity/routes', { name: 'of-somebody-else', paths: ['/else'] });
    await admin('POST', '/services/graphql-identity-protected/plugins', { name: 'acl', config: { deny: ['banned'] } });
    await admin('POST', '/services/graphql-identity/routes', {
      name: 'of-an-older-version',
      paths: ['/old'],
      tags: ['graphql-identity-setup'],
    });
    expect(
      (await run({ loginRateLimit: 0, sharedSecret: undefined, corsOrigins: [ORIGIN, 'https://my_app.example'] }))
        .lines,
    ).toEqual([
      'updated plugin cors on service graphql-identity (config.origins)',
      'removed plugin rate-limiting on route graphql-identity-login',
      'removed route of-an-older-version',
      'updated plugin cors on service graphql-identity-auth (config.origins)',
      'updated plugin cors on service graphql-identity-token (config.origins)',
      'updated plugin cors on service graphql-identity-protected (config.origins)',
      'kept plugin acl on service graphql-identity-protected, which kong:setup does not set',
      'removed plugin request-transformer on service graphql-identity-protected',
    ]);
  });

  it('names drift in members that it does not set, and leaves it', async () => {
    await run();
    await admin('PATCH', '/services/graphql-identity', { read_timeout: 5000, retries: 0 });
    await admin('PATCH', '/routes/graphql-identity-graphql', { regex_priority: 7 });
    await admin('POST', '/routes/graphql-identity-graphql/plugins', { name: 'jwt' });
    const kept = [
      'kept service graphql-identity (retries, read_timeout), which kong:setup does not set',
      'kept route graphql-identity-graphql (regex_priority), which kong:setup does not set',
      'kept plugin jwt on route graphql-identity-graphql, which kong:setup does not set',
    ];
    expect(await run()).toEqual({ exitCode: 0, lines: [...kept, 'nothing to change'] });
    await admin('PATCH', '/services/graphql-identity', { port: 1234 });
    expect((await run()).lines).toEqual(['updated service graphql-identity (port)', ...kept]);
  });

  it('succeeds twice at once, and makes everything once', async () => {
    const runs = await Promise.all([run(), run(), run()]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect((await run()).lines).toEqual(['nothing to change']);
    const { data: plugins } = await (await admin('GET', '/plugins')).json();
    expect(plugins).toHaveLength(7);
  });

  it('removes at once with another run, which finds it gone', async () => {
    await run();
    const runs = await Promise.all([run({ loginRateLimit: 0 }), run({ loginRateLimit: 0 })]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect((await run({ loginRateLimit: 0 })).lines).toEqual(['nothing to change']);
  });

  it('makes no cors plugin without origins, because Kong takes an empty list for every origin', async () => {
    expect((await run()).lines).toContain('created plugin cors on service graphql-identity');
    const { exitCode, lines } = await run({ corsOrigins: [] });
    expect({ exitCode, lines: lines.filter((line) => !line.startsWith('removed plugin cors')) }).toEqual({
      exitCode: 0,
      lines: [],
    });
    const { data: plugins } = await (await admin('GET', '/plugins')).json();
    expect(plugins.filter(({ name }: { name: string }) => name === 'cors')).toEqual([]);
    const answer = await send('POST', '/graphql', { origin: 'https://evil.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('never prints the shared secret, neither when it changes nor when Kong refuses it', async () => {
    await run();
    const changed = await run({ sharedSecret: `${SECRET}-2` });
    expect(changed.lines).toEqual([
      'updated plugin request-transformer on service graphql-identity-protected (config.add.headers)',
    ]);
    const refusing = new KongAdmin({
      adminUrl: gateway.adminUrl,
      logger: pino({ level: 'silent' }),
      fetch: (url, init) =>
        String(init.body).includes('request-transformer') && init.method !== 'GET'
          ? Promise.resolve(
              Response.json({ code: 2, name: 'schema violation', message: `bad ${SECRET}` }, { status: 400 }),
            )
          : fetch(url, init),
    });
    await expect(setUpKong(refusing, config())).rejects.toMatchObject({ refusal: 'bad ***' });
  });

  it('writes the plugin that verifies before the one that vouches, and both before the route', async () => {
    await run();
    const writes = gateway.calls.filter((call) => /^(PUT|POST) .*protected/.test(call));
    expect(writes).toEqual([
      'PUT /services/graphql-identity-protected',
      'POST /services/graphql-identity-protected/plugins',
      'POST /services/graphql-identity-protected/plugins',
      'POST /services/graphql-identity-protected/plugins',
      'PUT /services/graphql-identity-protected/routes/graphql-identity-protected',
    ]);
  });
});

describe('through a gateway that was set up', () => {
  beforeEach(async () => {
    expect((await run()).exitCode).toBe(0);
  });

  it.each([
    ['POST', '/graphql', '/graphql'],
    ['GET', '/identity/users/my-info?x=1', '/identity/users/my-info?x=1'],
    ['POST', '/auth/auth/token', '/identity/auth/token'],
    ['POST', '/auth/token', '/identity/auth/token'],
    ['POST', '/auth/introspect', '/identity/auth/introspect'],
    ['POST', '/auth/refresh', '/identity/auth/refresh'],
    ['POST', '/auth/logout', '/identity/auth/logout'],
    ['GET', '/auth/users/my-info', '/identity/users/my-info'],
    ['DELETE', '/auth/permissions/CREATE_USER', '/identity/permissions/CREATE_USER'],
    ['POST', '/api/auth/login', '/api/auth/login'],
    ['POST', '/api/auth/refresh', '/api/auth/refresh'],
    ['GET', '/api/users/7/profile', '/api/users/7/profile'],
    ['POST', '/api/public/signin', '/api/public/signin'],
    ['POST', '/auth-jwt', '/api/public/auth-jwt'],
    ['GET', '/console/users', '/console/users'],
    ['GET', '/verify-email?token=t', '/verify-email?token=t'],
    ['GET', '/accept-invitation?token=t', '/accept-invitation?token=t'],
    ['GET', '/.well-known/jwks.json', '/.well-known/jwks.json'],
  ])('%s %s reaches the API as %s', async (method, path, url) => {
    const { status, echo } = await send(method, path);
    expect({ status, method: echo?.method, url: echo?.url }).toEqual({ status: 200, method, url });
  });

  it.each(['/', '/auth', '/auth-jwt', '/health', '/API/JWT/info'])('GET %s is not there', async (path) => {
    expect((await send('GET', path)).status).toBe(404);
  });

  it.each(['/api/jwt/info', '//api/jwt/info', '/api/%6Awt/info', '/graphql/../api/jwt/info', '/api/users/../jwt/info'])(
    '%s does not get past the jwt plugin',
    async (path) => {
      const { port } = new URL(gateway.proxyUrl);
      const status = await new Promise((resolve) => {
        httpRequest({ port, path }, (response) => resolve(response.resume().statusCode)).end();
      });
      expect(status).toBe(401);
    },
  );

  it('a token opens /api/jwt, and the API is told who it is and that the gateway says so', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const credential = await client.createCredential(await client.ensureConsumer('alice'));
    const sign = (exp: string) =>
      new SignJWT()
        .setIssuer(credential.key)
        .setExpirationTime(exp)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(credential.signingKey());
    const bearer = { authorization: `Bearer ${await sign('5 min')}` };
    const { status, echo } = await send('GET', '/api/jwt/info', {
      ...bearer,
      'x-gateway-secret': 'guess',
      'x-consumer-username': 'root',
    });
    expect(status).toBe(200);
    expect(echo?.url).toBe('/api/jwt/info');
    expect(received(echo, 'x-gateway-secret')).toEqual([SECRET]);
    expect(received(echo, 'x-consumer-username')).toEqual(['alice']);
    expect((await send('GET', '/api/jwt/info', { authorization: `Bearer ${await sign('-1 s')}` })).status).toBe(401);
    expect((await send('GET', `/api/jwt/info?jwt=${bearer.authorization.slice(7)}`)).status).toBe(401);
  });

  it('the secret goes to no other route', async () => {
    expect(received((await send('POST', '/graphql')).echo, 'x-gateway-secret')).toEqual([]);
  });

  it.each(['/graphql', '/identity/users', '/auth/users', '/auth-jwt', '/api/auth/login', '/api/jwt/info'])(
    'a browser may call %s: its preflight needs no token, and it can read a 401',
    async (path) => {
      const preflight = await send('OPTIONS', path, {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-anything',
      });
      expect(preflight.status).toBe(200);
      expect(Object.fromEntries(preflight.headers)).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET,POST,PUT,DELETE,OPTIONS',
        'access-control-allow-headers': 'authorization,x-anything',
      });
      const { headers } = await send('POST', path, { origin: ORIGIN });
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('access-control-expose-headers')).toBe('Authorization');
    },
  );

  it('login is limited to 5 a minute for an address, refresh is not', async () => {
    stoppedAt = new Date();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await send('POST', '/api/auth/login')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await send('POST', '/api/auth/refresh')).status).toBe(200);
  });
});

describe('kong:setup says plainly what is wrong', () => {
  it('Kong is not there', async () => {
    await gateway.stop();
    expect(await run()).toEqual({
      exitCode: 1,
      lines: [
        `Kong's Admin API at ${gateway.adminUrl} cannot be reached: nothing listens there. Is Kong running, and is KONG_ADMIN_URL right?`,
      ],
    });
  });

  it('Kong hangs', async () => {
    gateway.hang();
    expect(await run({ timeoutMs: 100 })).toMatchObject({
      exitCode: 1,
      lines: [expect.stringContaining('it did not answer in time')],
    });
  });

  it('the database of Kong is down', async () => {
    gateway.stopDatabase();
    expect(await run()).toEqual({
      exitCode: 1,
      lines: [
        `Kong at ${gateway.adminUrl} did not do GET /services/graphql-identity: status 500. Kong or its database is in trouble.`,
      ],
    });
  });

  it('Kong has no database', async () => {
    const readOnly = createServer((request, response) => {
      response.writeHead(request.method === 'GET' ? 404 : 405, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: request.method === 'GET' ? 'Not found' : 'Method not allowed' }));
    });
    await new Promise<void>((resolve) => readOnly.listen(0, '127.0.0.1', resolve));
    const adminUrl = `http://127.0.0.1:${(readOnly.address() as AddressInfo).port}`;
    expect(await run({ adminUrl })).toEqual({
      exitCode: 1,
      lines: [
        'Kong refused PUT /services/graphql-identity: it runs without a database, so that its Admin API only reads.',
      ],
    });
    readOnly.closeAllConnections();
    readOnly.close();
  });

  it('the Admin API asks for a key, which it then gets in the configured header', async () => {
    const asked: (string | undefined)[] = [];
    const guarded = createServer((request, response) => {
      asked.push(request.headers.apikey as string | undefined);
      const isKnown =
        request.headers.apikey === 'the-key' || request.headers.authorization === `Basic ${btoa('me:pw')}`;
      response.writeHead(isKnown ? 500 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: isKnown ? 'An unexpected error occurred' : 'No API key found' }));
    });
    await new Promise<void>((resolve) => guarded.listen(0, '127.0.0.1', resolve));
    const adminUrl = `http://127.0.0.1:${(guarded.address() as AddressInfo).port}`;
    const lines = async (env: Record<string, string>) => {
      const printed: string[] = [];
      await kongSetup(kongSetupConfig({ KONG_ADMIN_URL: adminUrl, ...env }), (line) => printed.push(line));
      return printed.join('\n');
    };
    expect(await lines({})).toContain('asks for a credential: set KONG_ADMIN_TOKEN');
    expect(asked).toEqual([undefined]);
    expect(await lines({ KONG_ADMIN_TOKEN: 'the-key', KONG_ADMIN_HEADER: 'apikey' })).toContain('status 500');
    expect(await lines({ KONG_ADMIN_URL: adminUrl.replace('http://', 'http://me:pw@') })).toContain('status 500');
    const wrong = await lines({ KONG_ADMIN_TOKEN: 'another-key', KONG_ADMIN_HEADER: 'apikey' });
    expect(wrong).toContain('asks for a credential');
    expect(wrong).not.toContain('another-key');
    guarded.closeAllConnections();
    guarded.close();
  });

  it('KONG_ADMIN_URL is the proxy', async () => {
    expect(await run({ adminUrl: gateway.proxyUrl })).toMatchObject({
      exitCode: 1,
      lines: [expect.stringContaining('Is KONG_ADMIN_URL the address of the Admin API, not of the proxy?')],
    });
  });

  it('Kong refuses something, after what was done so far', async () => {
    const { exitCode, lines } = await run({ loginRateLimit: 0.5 });
    expect(exitCode).toBe(1);
    expect(lines[0]).toBe('created service graphql-identity');
    expect(lines.at(-1)).toBe(
      'Kong refused POST /routes/graphql-identity-login/plugins: schema violation (config.minute: expected an integer).',
    );
  });

  it('the secret is one that Kong would change on the way', async () => {
    for (const sharedSecret of ['a b', '$(headers.host)', ':colon', 'żółć']) {
      expect((await run({ sharedSecret })).lines).toEqual([
        expect.stringContaining('The shared secret must be printable ASCII'),
      ]);
    }
  });

  it('reads its few variables, and needs no secret of the server', () => {
    expect(
      kongSetupConfig({
        NODE_ENV: 'production',
        KONG_ADMIN_URL: 'http://kong:8001',
        KONG_UPSTREAM_URL: 'http://api:9000',
      }),
    ).toEqual({
      adminUrl: 'http://kong:8001',
      credential: undefined,
      timeoutMs: 6000,
      upstreamUrl: 'http://api:9000',
      corsOrigins: [ORIGIN],
      loginRateLimit: 5,
      sharedSecret: undefined,
      hints: [expect.stringContaining('TRUST_PROXY is off')],
    });
    expect(kongSetupConfig({ KONG_ADMIN_URL: 'http://kong:8001' }).corsOrigins).toEqual(
      loadConfig({}).http.corsOrigins,
    );
    expect(() => kongSetupConfig({})).toThrow(StartupError);
    expect(() => kongSetupConfig({ KONG_ADMIN_URL: 'http://kong:8001', KONG_UPSTREAM_URL: 'api:9000' })).toThrow(
      StartupError,
    );
  });
});

test('a setup reads its secrets from files too', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'kong-setup-')), 'secret');
  fs.writeFileSync(file, `${SECRET}\n`);
  const env = { KONG_ADMIN_URL: 'http://kong:8001', KONG_SHARED_SECRET_FILE: file, KONG_ADMIN_TOKEN_FILE: file };
  expect(kongSetupConfig(env)).toMatchObject({
    sharedSecret: SECRET,
    credential: { header: 'Kong-Admin-Token', value: SECRET },
  });
  fs.rmSync(path.dirname(file), { recursive: true });
});

test('a setup whose server does not trust Kong says that all clients would count as one', async () => {
  const environment = { KONG_ADMIN_URL: gateway.adminUrl, KONG_UPSTREAM_URL: upstream.url };
  const lines: string[] = [];
  await kongSetup(kongSetupConfig(environment), (line) => lines.push(line));
  expect(lines.at(-1)).toMatch(/^TRUST_PROXY is off: behind Kong all clients have the address of Kong/);
  expect(kongSetupConfig({ ...environment, TRUST_PROXY: '1' }).hints).toEqual([]);
});
