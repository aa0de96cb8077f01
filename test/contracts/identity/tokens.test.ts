import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { SIGNER_KEY } from '../../support/app';
import { A_TOKEN, type Member, ok, type RestWorld, startRest, unauthenticated } from '../../support/rest';

const KEY = Buffer.from(SIGNER_KEY, 'utf8');
const ISSUER = 'edufinai.uth.vn';
const dead = { ...unauthenticated, result: { valid: false } };

let world: RestWorld;
let member: Member;
beforeAll(async () => {
  world = await startRest();
  member = await world.member({ permissions: ['READ_USERS'] });
});
afterAll(() => world.close());

const myInfo = async (token: string) => (await world.main.call('GET /users/my-info', { token })).status;
const refresh = (token: string) => world.main.call('POST /auth/refresh', { body: { token } });

describe('a token', () => {
  test('has exactly the header that the contract prints', () => {
    const [header = ''] = member.token.split('.');
    expect(Buffer.from(header, 'base64url').toString()).toBe('{"alg":"HS512"}');
  });

  test('verifies in another library with the raw UTF-8 bytes of the key', () => {
    const claims = jwt.verify(member.token, KEY, { algorithms: ['HS512'], issuer: ISSUER }) as jwt.JwtPayload;
    expect(claims).toMatchObject({
      sub: member.username,
      iss: ISSUER,
      jti: expect.any(String),
      iat: expect.any(Number),
    });
    expect(claims.exp! - claims.iat!).toBe(3600);
  });

  test('names roles and permissions in its scope, and holds an empty text for a user without roles', async () => {
    expect((jwt.decode(member.token) as jwt.JwtPayload).scope).toMatch(/^ROLE_TEAM\d+ READ_USERS$/);
    const { token } = await world.member();
    expect((jwt.decode(token) as jwt.JwtPayload).scope).toBe('');
    expect((jwt.decode(await world.admin()) as jwt.JwtPayload).scope).toMatch(/^ROLE_ADMIN ([A-Z_]+ ?)+$/);
  });

  test('lives for an hour and can be refreshed for ten, by the clock', async () => {
    const own = await world.member();
    world.app.clock.advance(3599);
    expect(await myInfo(own.token)).toBe(200);
    world.app.clock.advance(2);
    expect(await myInfo(own.token)).toBe(401);
    world.app.clock.advance(36_000 - 3601 - 5);
    const { body } = await refresh(own.token);
    expect(body).toEqual(ok({ token: A_TOKEN, authenticated: true }));
    expect(await myInfo(body.result.token)).toBe(200);
    world.app.clock.advance(36_000);
    expect((await refresh(body.result.token)).body).toEqual(unauthenticated);
  });
});

describe('a token of another service with the same key', () => {
  const foreign = (claims: object = {}, header: jwt.JwtHeader = { alg: 'HS512', typ: 'JWT' }) => {
    const now = world.app.clock.seconds;
    return jwt.sign(
      { sub: member.username, iss: ISSUER, iat: now, exp: now + 3600, scope: 'READ_USERS', ...claims },
      KEY,
      {
        algorithm: 'HS512',
        header,
      },
    );
  };

  test('is accepted, with the scopes that it names and the account holds', async () => {
    const token = foreign({ jti: 'of-another-service', scope: 'READ_USERS DELETE_USER ROLE_ADMIN' });
    expect(await myInfo(token)).toBe(200);
    expect((await world.main.call('GET /users', { token })).status).toBe(200);
    expect((await world.main.call('DELETE /users/:userId', { params: { userId: member.id }, token })).status).toBe(403);
  });

  test('is accepted without jti and scope', async () => {
    const token = foreign({ scope: undefined });
    expect(await myInfo(token)).toBe(200);
    expect((await world.main.call('GET /users', { token })).status).toBe(403);
  });

  test('is refreshed into one of this service, once, also when it has no jti', async () => {
    const token = foreign({ exp: world.app.clock.seconds + 100 });
    const first = await refresh(token);
    expect(first.body).toEqual(ok({ token: A_TOKEN, authenticated: true }));
    expect(jwt.decode(first.body.result.token)).toMatchObject({ sub: member.username, jti: expect.any(String) });
    expect((await refresh(token)).body).toEqual(unauthenticated);
    expect(await myInfo(token)).toBe(401);
  });

  test('ends with a logout', async () => {
    const token = foreign({ jti: 'to-be-ended' });
    await world.main.call('POST /auth/logout', { body: { token } });
    expect(await myInfo(token)).toBe(401);
  });

  test('is refused when it is older than the account whose name it holds', async () => {
    const begun = (
      await world.app.sql<{ at: string }>(
        'select floor(extract(epoch from created_at))::bigint as at from users where id = $1',
        [member.id],
      )
    )[0]!;
    expect(await myInfo(foreign({ iat: Number(begun.at) - 1 }))).toBe(401);
    expect(await myInfo(foreign({ iat: Number(begun.at) }))).toBe(200);
  });
});

describe('the same token refreshed twenty times at once', () => {
  test.each(['live', 'over'])('gives exactly one new token (%s)', async (state) => {
    const own = await world.member();
    const token = state === 'over' ? world.expired(own.token) : own.token;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => world.channels[i % 2]!.call('POST /auth/refresh', { body: { token } })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { body } of answers.filter(({ status }) => status !== 200)) expect(body).toEqual(unauthenticated);
    expect(await myInfo(answers.find(({ status }) => status === 200)!.body.result.token)).toBe(200);
    expect(await myInfo(own.token)).toBe(401);
  });
});

const unpacked = (claims: string): object => JSON.parse(Buffer.from(claims, 'base64url').toString());
const part = (of: unknown) => Buffer.from(typeof of === 'string' ? of : JSON.stringify(of)).toString('base64url');
const hmac = (input: string, key: string | Buffer = KEY, hash = 'sha512') =>
  `${input}.${createHmac(hash, key).update(input).digest('base64url')}`;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/**
 * RFC 8725 section 2 and what else has been tried on others: each is made of a live token's claims.
 */
const confusions: Record<string, (claims: string) => string> = {
  'alg none without a signature': (claims) => `${part({ alg: 'none' })}.${claims}.`,
  'alg None': (claims) => `${part({ alg: 'None' })}.${claims}.`,
  'alg none with a signature': (claims) => hmac(`${part({ alg: 'none' })}.${claims}`),
  'no alg': (claims) => hmac(`${part({})}.${claims}`),
  'alg null': (claims) => hmac(`${part({ alg: null })}.${claims}`),
  'alg as a list': (claims) => hmac(`${part({ alg: ['HS512'] })}.${claims}`),
  'alg in lower case': (claims) => hmac(`${part({ alg: 'hs512' })}.${claims}`),
  'HS256 with the same key': (claims) => hmac(`${part({ alg: 'HS256' })}.${claims}`, KEY, 'sha256'),
  'HS384 with the same key': (claims) => hmac(`${part({ alg: 'HS384' })}.${claims}`, KEY, 'sha384'),
  'HS512 said, HS256 done': (claims) => hmac(`${part({ alg: 'HS512' })}.${claims}`, KEY, 'sha256'),
  'another key': (claims) => hmac(`${part({ alg: 'HS512' })}.${claims}`, 'x'.repeat(64)),
  'an empty key': (claims) => hmac(`${part({ alg: 'HS512' })}.${claims}`, ''),
  'the key decoded from base64': (claims) =>
    hmac(`${part({ alg: 'HS512' })}.${claims}`, Buffer.from(SIGNER_KEY, 'base64')),
  'a public RSA key as the HMAC key': (claims) => hmac(`${part({ alg: 'HS512' })}.${claims}`, publicPem),
  RS256: (claims) => {
    const input = `${part({ alg: 'RS256' })}.${claims}`;
    return `${input}.${createSign('sha256').update(input).sign(rsa.privateKey, 'base64url')}`;
  },
  'a key in its own header (jwk)': (claims) =>
    hmac(`${part({ alg: 'HS512', jwk: { kty: 'oct', k: part('x'.repeat(64)) } })}.${claims}`, 'x'.repeat(64)),
  'a key to be fetched (jku)': (claims) =>
    hmac(`${part({ alg: 'HS512', jku: 'http://127.0.0.1:9/keys' })}.${claims}`, 'x'.repeat(64)),
  'a path as the key id': (claims) => hmac(`${part({ alg: 'HS512', kid: '../../../dev/null' })}.${claims}`, ''),
  'an unknown critical extension': (claims) => hmac(`${part({ alg: 'HS512', crit: ['x'], x: 1 })}.${claims}`),
  'the type of a session access token': (claims) => hmac(`${part({ alg: 'HS512', typ: 'at+jwt' })}.${claims}`),
  'the type of a refresh token': (claims) => hmac(`${part({ alg: 'HS512', typ: 'rt+jwt' })}.${claims}`),
  'an unknown type': (claims) => hmac(`${part({ alg: 'HS512', typ: 'secevent+jwt' })}.${claims}`),
  'a header that is no JSON': (claims) => hmac(`${part('{')}.${claims}`),
  'a header that is a list': (claims) => hmac(`${part([])}.${claims}`),
  'claims that are no JSON': () => hmac(`${part({ alg: 'HS512' })}.${part('{')}`),
  'claims that are a text': () => hmac(`${part({ alg: 'HS512' })}.${part('"admin"')}`),
  'claims that are null': () => hmac(`${part({ alg: 'HS512' })}.${part('null')}`),
  'a truncated signature': (claims) => hmac(`${part({ alg: 'HS512' })}.${claims}`).slice(0, -10),
  'a padded signature': (claims) => `${hmac(`${part({ alg: 'HS512' })}.${claims}`)}==`,
  'a signature in the other base64 alphabet': (claims) => {
    const token = hmac(`${part({ alg: 'HS512' })}.${claims}`);
    const translated = token.slice(-86).replaceAll('-', '+').replaceAll('_', '/');
    // one in fifteen signatures is the same in both alphabets
    return token.slice(0, -86) + (/[+/]/.test(translated) ? translated : `+${translated.slice(1)}`);
  },
  'two parts': (claims) => `${part({ alg: 'HS512' })}.${claims}`,
  'five parts': (claims) => `${hmac(`${part({ alg: 'HS512' })}.${claims}`)}.a.b`,
  'dots alone': () => '..',
  'claims of 20,000 bytes': (claims) => {
    const padded = { ...unpacked(claims), padding: 'x'.repeat(20_000) };
    return hmac(`${part({ alg: 'HS512' })}.${part(padded)}`);
  },
};

/** Rightly signed, with claims that make no token. */
const claimsOfNoToken: Record<string, Record<string, unknown>> = {
  'no sub': { sub: null },
  'an empty sub': { sub: '' },
  'a sub that is a number': { sub: 7 },
  'a sub that is a list': { sub: ['admin'] },
  'a sub with NUL': { sub: 'admin\0' },
  'the sub of another user and the own id': { sub: 'admin' },
  'no iss': { iss: null },
  'another iss': { iss: 'https://edufinai.uth.vn' },
  'an iss that is a list': { iss: [ISSUER] },
  'no exp': { exp: null },
  'an exp that is a text': { exp: '9999999999' },
  'no iat': { iat: null },
  'an iat in the future': { iat: 9_999_999_999 },
  'an nbf in the future': { nbf: 9_999_999_999 },
  'an nbf that is a text': { nbf: 'now' },
  'a sid': { sid: '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47' },
  'another audience': { aud: 'somebody.else' },
};

describe('everything that only looks like a token is refused with 1006', () => {
  const all = {
    ...confusions,
    ...Object.fromEntries(
      Object.entries(claimsOfNoToken).map(([name, claims]) => [
        name,
        (own: string) => {
          const changed = { ...unpacked(own), ...claims };
          for (const [claim, value] of Object.entries(claims)) if (value === null) delete changed[claim];
          return hmac(`${part({ alg: 'HS512' })}.${part(changed)}`);
        },
      ]),
    ),
  };
  let claims: string;
  // one for each test: a logout ends the session that the claims name
  beforeEach(async () => {
    claims = (await world.member()).token.split('.')[1]!;
  });

  test('but the same claims rightly signed are accepted', async () => {
    expect(await myInfo(hmac(`${part({ alg: 'HS512' })}.${claims}`))).toBe(200);
  });

  test.each(Object.entries(all))('%s', async (_name, make) => {
    const token = make(claims);
    const answers = await Promise.all([
      world.main.call('POST /auth/introspect', { body: { token } }),
      refresh(token),
      world.gateway.call('GET /users/my-info', { token }),
      world.main.call('POST /auth/logout', { body: { token } }),
    ]);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [401, dead],
      [401, unauthenticated],
      [401, unauthenticated],
      [200, ok(null)],
    ]);
  });

  test('a header of 60,000 characters', async () => {
    const { status, body } = await world.main.call('GET /users/my-info', { token: 'x'.repeat(60_000) });
    expect([status, body]).toEqual([401, unauthenticated]);
  });
});
