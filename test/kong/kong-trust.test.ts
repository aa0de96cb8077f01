import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { SignJWT } from 'jose';
import { loadConfig } from '../../src/config/config';
import { KongConsumerDocument } from '../../src/rest/generated/operations';
import { behind, KONG_SECRET, KongWorld, type Sending, send, setUp, startKongWorld } from '../fakes/kong/kong-world';
import { startApp, type TestApp } from '../support/app';

const ID = '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47';
const SPOOFED = { 'x-consumer-id': ID, 'x-consumer-username': 'admin', 'x-credential-identifier': 'any' };
const UNAUTHORIZED = { status: 401, body: { message: 'Unauthorized' } };

let world: KongWorld;
beforeAll(async () => {
  world = await startKongWorld();
});
afterAll(() => world.close());

const info = (app: TestApp, headers: Sending['headers'] = {}, host = '127.0.0.1') =>
  send(`http://${host}:${new URL(app.origin).port}/api/jwt/info`, 'GET', { headers });

/** A server of its own beside the world's gateway. */
const serverWith = (env: Record<string, string>) => startApp({ env: { ...behind(world.gateway), ...env } });

describe('with KONG_SHARED_SECRET', () => {
  test.each<[string, Record<string, string>]>([
    ['without the secret', {}],
    ['with an empty secret', { 'x-gateway-secret': '' }],
    ['with a wrong secret', { 'x-gateway-secret': 'x'.repeat(KONG_SECRET.length) }],
    ['with the beginning of the secret', { 'x-gateway-secret': KONG_SECRET.slice(0, -1) }],
    ['with the secret and more', { 'x-gateway-secret': `${KONG_SECRET}x` }],
    ['with the secret in another header', { authorization: `Bearer ${KONG_SECRET}`, 'x-shared-secret': KONG_SECRET }],
    [
      'that say where they come from',
      { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1' },
    ],
  ])('X-Consumer-* %s are 401', async (_, headers) => {
    expect(await info(world.app, { ...SPOOFED, ...headers })).toMatchObject(UNAUTHORIZED);
  });

  test('the right secret is accepted from every address', async () => {
    const headers = { ...SPOOFED, 'x-gateway-secret': KONG_SECRET };
    expect(await info(world.app, headers)).toMatchObject({ status: 200, body: { username: 'admin', consumer_id: ID } });
  });

  test.each<[string, Record<string, string>]>([
    ['no consumer', {}],
    ['no name', { 'x-consumer-id': ID }],
    ['an empty name', { 'x-consumer-id': ID, 'x-consumer-username': '' }],
    ['no id', { 'x-consumer-username': 'admin' }],
    ['an id that is none of Kong', { 'x-consumer-id': 'admin', 'x-consumer-username': 'admin' }],
    ['two ids', { 'x-consumer-id': `${ID}, ${ID}`, 'x-consumer-username': 'admin' }],
    ['the anonymous consumer', { ...SPOOFED, 'x-anonymous-consumer': 'true' }],
  ])('the gateway itself is 401 with %s', async (_, headers) => {
    expect(await info(world.app, { 'x-gateway-secret': KONG_SECRET, ...headers })).toMatchObject(UNAUTHORIZED);
  });

  test('what a client says through the gateway is taken out or overwritten by it', async () => {
    const { username } = await world.app.user();
    const token = await world.token(await world.key(username));
    const headers = { ...SPOOFED, 'x-gateway-secret': 'of the client', 'x-anonymous-consumer': 'true' };
    expect(await world.via('GET', '/api/jwt/info', { headers })).toMatchObject({ status: 401 });
    expect((await world.via('GET', '/api/jwt/info', { headers, token })).body).toMatchObject({ username });
    for (const path of ['/graphql', '/api/public/auth-jwt', '/identity/users/my-info']) {
      const { status } = await world.via(path === '/identity/users/my-info' ? 'GET' : 'POST', path, {
        headers,
        body: undefined,
      });
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });

  test('GraphQL ignores such headers from every client: Kong verifies no tokens on that route', async () => {
    for (const headers of [SPOOFED, { ...SPOOFED, 'x-gateway-secret': KONG_SECRET }]) {
      const { body } = await world.app.gql(KongConsumerDocument, {}, headers);
      expect(body.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'missing' });
    }
  });

  test('on every other route the headers give a client no identity', async () => {
    const headers = { ...SPOOFED, 'x-gateway-secret': KONG_SECRET };
    expect((await send(`${world.app.origin}/identity/users/my-info`, 'GET', { headers })).status).toBe(401);
    expect((await world.app.gql('{ me { id } }', {}, headers)).body.errors?.[0]?.extensions?.code).toBe(
      'UNAUTHENTICATED',
    );
  });
});

describe('with a secret that is being rotated', () => {
  test('both secrets are accepted, and nothing between them', async () => {
    const previous = 'p'.repeat(KONG_SECRET.length);
    const app = await serverWith({ KONG_SHARED_SECRET: KONG_SECRET, KONG_SHARED_SECRET_PREVIOUS: previous });
    for (const secret of [KONG_SECRET, previous])
      expect(await info(app, { ...SPOOFED, 'x-gateway-secret': secret })).toMatchObject({ status: 200 });
    for (const secret of ['', 'x'.repeat(previous.length), `${KONG_SECRET},${previous}`, previous.slice(1)])
      expect(await info(app, { ...SPOOFED, 'x-gateway-secret': secret })).toMatchObject(UNAUTHORIZED);
    await app.close();
  });

  test('the previous one alone is a mistake that the start names', () => {
    expect(() => loadConfig({ KONG_SHARED_SECRET_PREVIOUS: KONG_SECRET })).toThrow(
      'KONG_SHARED_SECRET_PREVIOUS needs KONG_SHARED_SECRET',
    );
  });
});

describe('in production', () => {
  const PRODUCTION = {
    NODE_ENV: 'production',
    JWT_SIGNER_KEY: randomBytes(64).toString('base64'),
    ADMIN_USERNAME: 'root',
    ADMIN_PASSWORD: randomBytes(24).toString('base64url'),
    BCRYPT_COST: '10',
  };

  test('no address is trusted without a secret, loopback neither', () => {
    expect(loadConfig(PRODUCTION).kong.trustedProxies).toEqual([]);
    expect(loadConfig({}).kong.trustedProxies.map(({ address }) => address)).toEqual(['127.0.0.0', '::1']);
  });

  test('X-Consumer-* from loopback are 401 without a secret, and accepted with it', async () => {
    const without = await serverWith({ ...PRODUCTION, KONG_SHARED_SECRET: '' });
    expect(await info(without, SPOOFED)).toMatchObject(UNAUTHORIZED);
    expect(without.logs.map(({ msg }) => msg)).toContainEqual(
      'KONG_SHARED_SECRET is not set: in production /api/jwt answers 401 without it.',
    );
    await without.close();
    const withSecret = await serverWith({ ...PRODUCTION, KONG_SHARED_SECRET: KONG_SECRET });
    expect(await info(withSecret, SPOOFED)).toMatchObject(UNAUTHORIZED);
    expect(await info(withSecret, { ...SPOOFED, 'x-gateway-secret': KONG_SECRET })).toMatchObject({ status: 200 });
    await withSecret.close();
  });

  test('a list of trusted addresses is a mistake that the start names', () => {
    expect(() => loadConfig({ ...PRODUCTION, KONG_TRUSTED_PROXIES: '10.0.0.1' })).toThrow(
      'KONG_TRUSTED_PROXIES is for development',
    );
  });
});

describe('with KONG_TRUSTED_PROXIES', () => {
  test('other addresses are 401, with or without headers that say otherwise, also behind the configured gateway', async () => {
    const app = await serverWith({
      KONG_SHARED_SECRET: '',
      KONG_TRUSTED_PROXIES: '192.0.2.1,2001:db8::/32',
      TRUST_PROXY: 'loopback',
    });
    for (const address of ['192.0.2.1', '127.0.0.1', '::1', '2001:db8::1'])
      expect(await info(app, { ...SPOOFED, 'x-forwarded-for': address, 'x-real-ip': address })).toMatchObject(
        UNAUTHORIZED,
      );
    expect(await info(app, { ...SPOOFED, 'x-gateway-secret': '' })).toMatchObject(UNAUTHORIZED);
    // a token that Kong has verified does not help a Kong that is not trusted
    const own = new KongWorld(world.gateway, app);
    await setUp(world.gateway, app.origin, undefined);
    const token = await own.token(await own.key());
    expect(await own.info(token)).toMatchObject(UNAUTHORIZED);
    await setUp(world.gateway, world.app.origin);
    await app.close();
  });

  test('an address of the list is trusted, without a secret and without regard to X-Forwarded-For', async () => {
    const app = await serverWith({ KONG_SHARED_SECRET: '', KONG_TRUSTED_PROXIES: '127.0.0.0/8' });
    expect(await info(app, { ...SPOOFED, 'x-forwarded-for': '198.51.100.7' })).toMatchObject({
      status: 200,
      body: { username: 'admin' },
    });
    await app.close();
  });

  test('without both only loopback is trusted, and with a secret not even that', async () => {
    const app = await serverWith({ KONG_SHARED_SECRET: '', HOST: '0.0.0.0' });
    expect((await info(app, SPOOFED)).status).toBe(200);
    const own = ownAddress();
    if (own) expect(await info(app, SPOOFED, own)).toMatchObject(UNAUTHORIZED);
    await app.close();
  });

  test.each(['nonsense', 'kong', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/-1', '/8', '::1/129', '10.0.0'])(
    'the server does not start with %s in it',
    (entry) => {
      const sentence = `KONG_TRUSTED_PROXIES holds "${entry}", which is neither an address nor a network such as 10.0.0.0/8`;
      expect(() => loadConfig({ KONG_TRUSTED_PROXIES: `127.0.0.1,${entry}` })).toThrow(sentence);
    },
  );
});

describe('names in headers', () => {
  const consumer = (username: string) =>
    info(world.app, {
      'x-gateway-secret': KONG_SECRET,
      'x-consumer-id': ID,
      'x-consumer-username': Buffer.from(username, 'utf8').toString('latin1'),
    });

  test.each(['Nguyễn Văn Ân', '日本語', 'emoji-😀', "o'brien", 'a"b'])('UTF-8 comes through: %s', async (username) => {
    expect((await consumer(username)).body).toEqual({
      message: 'The gateway accepted the token',
      username,
      consumer_id: ID,
    });
  });

  test('line breaks in the name of a consumer stay escaped, and make no header', async () => {
    const username = 'evil\r\nx-injected: yes';
    const { body: made } = await world.admin('POST', '/consumers', { username });
    const { body: credential } = await world.admin('POST', `/consumers/${made.id}/jwt`, {});
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(credential.key)
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(credential.secret));
    const answer = await world.info(token);
    expect(answer).toMatchObject({
      status: 200,
      body: { username: 'evil%0D%0Ax-injected: yes', consumer_id: made.id },
    });
    expect(answer.headers.get('x-injected')).toBeNull();
  });
});

/** An IPv4 address of this machine that is not loopback, where it has one. */
function ownAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
}
