import { createHmac, generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import { SignJWT } from 'jose';
import type { KongCredential } from '../../src/integrations/kong/kong-credential';
import { watchedClient } from '../fakes/kong/client';
import { type EchoUpstream, startEchoUpstream } from '../fakes/kong/echo-upstream';
import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';

const NOW = 1_795_167_393;
const REQUEST_ID = expect.stringMatching(/^[0-9a-f]{32}$/);
const ALICE = { 'x-consumer-username': 'alice' };

let gateway: FakeKong;
let upstream: EchoUpstream;
let credential: KongCredential;

const admin = async (method: string, path: string, body: unknown) => {
  const response = await fetch(gateway.adminUrl + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as { id: string };
};

const route = async (name: string, config: Record<string, unknown>) => {
  await admin('POST', '/services/echo/routes', { name, paths: [`/${name}`] });
  await admin('POST', `/routes/${name}/plugins`, { name: 'jwt', config });
};

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gateway = await startFakeKong({ clock: { now: () => new Date(NOW * 1000) } });
  await admin('POST', '/services', { name: 'echo', url: upstream.url });
  await route('default', {});
  await route('exp', { claims_to_verify: ['exp'] });
  await route('expnbf', { claims_to_verify: ['exp', 'nbf'] });
  await route('max', { claims_to_verify: ['exp'], maximum_expiration: 900 });
  await route('realm', { realm: 'my realm' });
  await route('anonymous-missing', { anonymous: 'ghost' });
  await admin('POST', '/services/echo/routes', { name: 'limited', paths: ['/limited'] });
  await admin('POST', '/routes/limited/plugins', { name: 'rate-limiting', config: { minute: 1 } });
  await admin('POST', '/services/echo/routes', { name: 'closed', paths: ['/closed'] });
  await admin('POST', '/routes/closed/plugins', { name: 'jwt' });
  await admin('POST', '/routes/closed/plugins', { name: 'acl', config: { allow: ['admins'] } });
  await admin('POST', '/services', { name: 'dead', url: 'http://127.0.0.1:9' });
  await admin('POST', '/services/dead/routes', { name: 'dead', paths: ['/dead'] });
  const { client } = watchedClient(gateway.adminUrl);
  const consumer = await client.ensureConsumer('alice');
  credential = await client.createCredential(consumer);
  await admin('POST', '/consumers/alice/jwt', { key: 'null-secret', secret: null });
  await admin('POST', '/consumers/alice/jwt', { key: 'es-junk', algorithm: 'ES256', rsa_public_key: 'junk' });
});

afterAll(async () => {
  await gateway.stop();
  await upstream.close();
});

const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token with any header and payload, signed with the credential's key as `alg` says. */
function token(payload: unknown, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  const hash = (header as { alg?: string }).alg === 'HS512' ? 'sha512' : 'sha256';
  return `${signed}.${createHmac(hash, credential.signingKey()).update(signed).digest('base64url')}`;
}

const mine = (claims: object = {}) => ({ iss: credential.key, ...claims });

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: unknown;
}

function get(path: string, headers: Record<string, string | string[]> = {}): Promise<Answer> {
  const { port } = new URL(gateway.proxyUrl);
  return new Promise((resolve, reject) => {
    request({ port, path, headers: { Host: '127.0.0.1', ...headers }, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('utf8');
      const isJson = response.headers['content-type']?.startsWith('application/json');
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: isJson ? JSON.parse(text) : text });
    })
      .once('error', reject)
      .end();
  });
}

const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });

/** What the upstream was told about the caller. */
const identity = ({ body }: Answer) => {
  const lines = (body as { rawHeaders: [string, string][] }).rawHeaders.map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return Object.fromEntries(lines.filter(([name]) => /^x-(consumer|credential|anonymous)/.test(name)));
};

describe('the proxy port refuses (FACTS 5)', () => {
  const nothingSent: [string, Record<string, string>][] = [
    ['no token', {}],
    ['Basic', { Authorization: 'Basic YTpi' }],
    ['a bare token', { Authorization: 'a.b.c' }],
    ['BEARER in upper case', { Authorization: 'BEARER a.b.c' }],
    ['an empty Bearer', { Authorization: 'Bearer ' }],
  ];
  it.each(nothingSent)('%s: 401 Unauthorized, and a challenge without an error', async (_, headers) => {
    const { status, headers: answered, body } = await get('/default', headers);
    expect({ status, challenge: answered['www-authenticate'], body }).toEqual({
      status: 401,
      challenge: 'Bearer',
      body: { message: 'Unauthorized' },
    });
  });

  const badTokens: [string, string, () => string, unknown][] = [
    ['garbage', '/default', () => 'garbage', { message: 'Bad token; invalid JSON' }],
    ['a token of two parts', '/default', () => 'a.b', { message: 'Bad token; invalid JSON' }],
    [
      'alg none',
      '/default',
      () => `${base64url({ alg: 'none' })}.${base64url(mine())}.`,
      { message: 'Bad token; invalid alg' },
    ],
    ['no alg', '/default', () => token(mine(), { typ: 'JWT' }), { message: 'Bad token; invalid alg' }],
    ['alg in lower case', '/default', () => token(mine(), { alg: 'hs256' }), { message: 'Bad token; invalid alg' }],
    ['no iss', '/default', () => token({ sub: 'x' }), { message: "No mandatory 'iss' in claims" }],
    ['an empty iss', '/default', () => token({ iss: '' }), { message: "Invalid 'iss' in claims" }],
    [
      'an unknown iss',
      '/default',
      () => token({ iss: 'unknown-key' }),
      { message: "No credentials found for given 'iss'" },
    ],
    [
      'the username as iss',
      '/default',
      () => token({ iss: 'alice' }),
      { message: "No credentials found for given 'iss'" },
    ],
    [
      'the credential id as iss',
      '/default',
      () => token({ iss: credential.id }),
      { message: "No credentials found for given 'iss'" },
    ],
    [
      'another algorithm than the credential has',
      '/default',
      () => token(mine(), { alg: 'HS512' }),
      { message: 'Invalid algorithm' },
    ],
    [
      'a signature with another key',
      '/default',
      () => token(mine()).replace(/\.[^.]+$/, `.${base64url('x'.repeat(32))}`),
      { message: 'Invalid signature' },
    ],
    ['an empty signature', '/default', () => token(mine()).replace(/[^.]+$/, ''), { message: 'Invalid signature' }],
    [
      'a credential without a secret',
      '/default',
      () => token({ iss: 'null-secret' }),
      { message: 'Invalid key/secret' },
    ],
    ['an expired token', '/exp', () => token(mine({ exp: NOW - 1 })), { exp: 'token expired' }],
    ['a token that expires now', '/exp', () => token(mine({ exp: NOW })), { exp: 'token expired' }],
    ['no exp', '/exp', () => token(mine()), { exp: 'must be a number' }],
    ['an exp that is a string', '/exp', () => token(mine({ exp: String(NOW + 60) })), { exp: 'must be a number' }],
    [
      'a token that is not valid yet',
      '/expnbf',
      () => token(mine({ exp: NOW + 60, nbf: NOW + 30 })),
      { nbf: 'token not valid yet' },
    ],
    ['neither exp nor nbf', '/expnbf', () => token(mine()), { exp: 'must be a number', nbf: 'must be a number' }],
    [
      'more than maximum_expiration',
      '/max',
      () => token(mine({ exp: NOW + 901 })),
      { exp: 'exceeds maximum allowed expiration' },
    ],
  ];
  it.each(badTokens)('%s: 401', async (_, path, make, body) => {
    const answer = await get(path, bearer(make()));
    expect({ status: answer.status, challenge: answer.headers['www-authenticate'], body: answer.body }).toEqual({
      status: 401,
      challenge: 'Bearer error="invalid_token"',
      body,
    });
  });

  it('with the realm in the challenge, without a comma before the error', async () => {
    expect((await get('/realm')).headers['www-authenticate']).toBe('Bearer realm="my realm"');
    expect((await get('/realm', bearer('x.y.z'))).headers['www-authenticate']).toBe(
      'Bearer realm="my realm" error="invalid_token"',
    );
  });

  it('two different tokens: 401; the same one twice is fine', async () => {
    const one = token(mine());
    const other = token(mine({ sub: 'other' }));
    expect(await get(`/default?jwt=${other}`, bearer(one))).toMatchObject({
      status: 401,
      body: { message: 'Multiple tokens provided' },
    });
    expect((await get(`/default?jwt=${one}`, bearer(one))).status).toBe(200);
  });

  it('two Authorization headers, and a header line over 8 KiB: 400 text from nginx', async () => {
    const twice = await get('/default', { Authorization: ['Bearer a', 'Bearer b'] });
    expect(twice).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^Bad request\nrequest_id: [0-9a-f]{32}\n$/),
    });
    const large = await get('/default', bearer('x'.repeat(9000)));
    expect(large).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^Request header or cookie too large\nrequest_id: /),
    });
  });

  const crashes: [string, string, () => string | null][] = [
    ['iss null', '/default', () => token({ iss: null })],
    ['iss number', '/default', () => token({ iss: 12_345 })],
    ['iss true', '/default', () => token({ iss: true })],
    ['iss array', '/default', () => token({ iss: ['a'] })],
    ['iss object', '/default', () => token({ iss: { a: 1 } })],
    ['a payload that is a number', '/default', () => token('5')],
    ['a payload that is null', '/default', () => token('null')],
    ['a header that is a number', '/default', () => `${base64url('5')}.${base64url(mine())}.AAAA`],
    ['a junk ES256 key', '/default', () => token({ iss: 'es-junk' }, { alg: 'ES256' })],
    ['an anonymous consumer that does not exist', '/anonymous-missing', () => null],
  ];
  it.each(crashes)('%s: 500', async (_, path, make) => {
    const made = make();
    const { status, body } = await get(path, made === null ? {} : bearer(made));
    expect({ status, body }).toEqual({
      status: 500,
      body: { message: 'An unexpected error occurred', request_id: REQUEST_ID },
    });
  });

  it('an ES256 signature of a wrong length, and PS256 with a key that is not 2048 bits long: 500', async () => {
    const es = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const pem = { type: 'spki', format: 'pem' } as const;
    await admin('POST', '/consumers/alice/jwt', {
      key: 'es',
      algorithm: 'ES256',
      rsa_public_key: es.publicKey.export(pem),
    });
    await admin('POST', '/consumers/alice/jwt', {
      key: 'ps',
      algorithm: 'PS256',
      rsa_public_key: rsa.publicKey.export(pem),
    });
    expect((await get('/default', bearer(token({ iss: 'es' }, { alg: 'ES256' })))).status).toBe(500);
    const ps = await new SignJWT().setIssuer('ps').setProtectedHeader({ alg: 'PS256' }).sign(rsa.privateKey);
    expect((await get('/default', bearer(ps))).status).toBe(500);
    const good = await new SignJWT().setIssuer('es').setProtectedHeader({ alg: 'ES256' }).sign(es.privateKey);
    expect((await get('/default', bearer(good))).status).toBe(200);
  });

  it('a path that no route has: 404', async () => {
    expect(await get('/nowhere')).toMatchObject({
      status: 404,
      body: { message: 'no Route matched with those values', request_id: REQUEST_ID },
    });
  });

  it('more than the rate limit: 429 with Retry-After', async () => {
    expect((await get('/limited')).status).toBe(200);
    const { status, headers, body } = await get('/limited');
    expect({ status, body }).toEqual({
      status: 429,
      body: { message: 'API rate limit exceeded', request_id: REQUEST_ID },
    });
    expect(headers).toMatchObject({
      'retry-after': '27',
      'ratelimit-limit': '1',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '27',
      'x-ratelimit-limit-minute': '1',
      'x-ratelimit-remaining-minute': '0',
    });
  });

  it('a consumer outside the group of an acl: 403', async () => {
    const { status, body } = await get('/closed', bearer(token(mine())));
    expect({ status, body }).toEqual({
      status: 403,
      body: { message: 'You cannot consume this service', request_id: REQUEST_ID },
    });
  });

  it('a dead upstream: 502, in text unless the client asks for JSON', async () => {
    expect(await get('/dead')).toMatchObject({
      status: 502,
      body: expect.stringMatching(/^An invalid response was received from the upstream server\n/),
    });
    expect((await get('/dead', { Accept: 'application/json' })).body).toEqual({
      message: 'An invalid response was received from the upstream server',
      request_id: REQUEST_ID,
    });
  });
});

describe('the proxy port lets pass (FACTS 5)', () => {
  it('a token made with the signing key of a credential, and tells the upstream whose it is', async () => {
    const signed = await new SignJWT({ sub: 'alice', exp: NOW + 600 })
      .setIssuer(credential.key)
      .setProtectedHeader({ alg: credential.algorithm })
      .sign(credential.signingKey());
    const answer = await get('/exp/info', bearer(signed));
    expect(answer.status).toBe(200);
    expect(identity(answer)).toEqual({
      ...ALICE,
      'x-consumer-id': credential.consumerId,
      'x-credential-identifier': credential.key,
    });
  });

  it('identity headers of its own only, whatever the client sends', async () => {
    const spoofed = {
      'X-Consumer-Username': 'root',
      'X-Consumer-ID': 'root',
      'X-Consumer-Custom-ID': 'root',
      'X-Anonymous-Consumer': 'true',
    };
    expect(identity(await get('/default', { ...spoofed, ...bearer(token(mine())) }))).toEqual({
      ...ALICE,
      'x-consumer-id': credential.consumerId,
      'x-credential-identifier': credential.key,
    });
  });

  it('an expired token where exp is not in claims_to_verify', async () => {
    expect((await get('/default', bearer(token(mine({ exp: 1 }))))).status).toBe(200);
  });

  it('no token whose credential was deleted', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const other = await client.createCredential('alice');
    const signed = await new SignJWT({ exp: NOW + 600 })
      .setIssuer(other.key)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(other.signingKey());
    expect((await get('/exp', bearer(signed))).status).toBe(200);
    await client.deleteCredential('alice', other.key);
    expect((await get('/exp', bearer(signed))).status).toBe(401);
  });

  it('known credentials while the database is away, and answers 500 for unknown ones', async () => {
    const known = bearer(token(mine()));
    expect((await get('/default', known)).status).toBe(200);
    gateway.stopDatabase();
    expect((await get('/default', known)).status).toBe(200);
    expect((await get('/default', bearer(token({ iss: 'never-seen' })))).status).toBe(500);
    gateway.startDatabase();
  });
});
