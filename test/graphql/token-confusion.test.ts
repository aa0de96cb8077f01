import { createHmac, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { IntrospectDocument, MeDocument, RefreshDocument } from '../../src/rest/generated/operations';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { unauthenticated } from '../support/graphql-client';
import { ISSUER, SHARED_KEY } from '../support/tokens';

let app: TestApp;
let user: TestUser;
let claims: JWTPayload;
beforeAll(async () => {
  app = await startApp();
  user = await app.user({ permissions: ['READ_USERS'] });
  claims = decodeJwt(user.token);
});
afterAll(() => app.close());

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const parts = () => user.token.split('.') as [string, string, string];
const signed = (
  changes: JWTPayload,
  header: JWTHeaderParameters = { alg: 'HS512', typ: 'at+jwt' },
  key: Uint8Array = SHARED_KEY,
) => new SignJWT({ ...claims, ...changes }).setProtectedHeader(header).sign(key);
/** What a library would refuse to make. */
const handmade = (header: object, payload: object, hash: 'sha256' | 'sha384' | 'sha512' = 'sha512') => {
  const content = `${encode(header)}.${encode(payload)}`;
  return `${content}.${createHmac(hash, SHARED_KEY).update(content).digest('base64url')}`;
};
const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
const AT = { alg: 'HS512', typ: 'at+jwt' };
const now = () => app.clock.seconds;

test('the token that the forgeries are made from is accepted, and so is a copy signed by hand', async () => {
  expect(await app.outcome(MeDocument, {}, user.token)).toBe('ok');
  expect(await app.outcome(MeDocument, {}, handmade(AT, claims))).toBe('ok');
});

const forgeries: [string, () => string | Promise<string>][] = [
  ['no algorithm and no signature', () => `${encode({ alg: 'none', typ: 'at+jwt' })}.${parts()[1]}.`],
  ['no algorithm in other letter case', () => `${encode({ alg: 'nOnE', typ: 'at+jwt' })}.${parts()[1]}.${parts()[2]}`],
  ['no signature', () => `${parts()[0]}.${parts()[1]}.`],
  ['two parts', () => parts().slice(0, 2).join('.')],
  ['five parts', () => `${user.token}.a.b`],
  ['HS256 with the right key', () => handmade({ alg: 'HS256', typ: 'at+jwt' }, claims, 'sha256')],
  ['HS384 with the right key', () => handmade({ alg: 'HS384', typ: 'at+jwt' }, claims, 'sha384')],
  [
    'another key',
    () =>
      signed(
        {},
        { alg: 'HS512', typ: 'at+jwt' },
        new TextEncoder().encode('another key that is long enough for an HMAC with SHA-512, or so'),
      ),
  ],
  [
    'the key followed by something',
    () => signed({}, { alg: 'HS512', typ: 'at+jwt' }, new Uint8Array([...SHARED_KEY, 33])),
  ],
  [
    'an asymmetric algorithm',
    () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
        .sign(generateKeyPairSync('ed25519').privateKey),
  ],
  [
    'a key of its own in the header',
    () =>
      handmade({ ...AT, jwk: { kty: 'oct', k: Buffer.from('mine').toString('base64url') } }, { ...claims, sub: 'x' }),
  ],
  ['an address of keys in the header', () => handmade({ ...AT, alg: 'RS256', jku: 'http://127.0.0.1:1/keys' }, claims)],
  ['a critical extension', () => handmade({ ...AT, crit: ['exp'], exp: 1 }, claims)],
  ['no type', () => handmade({ alg: 'HS512' }, claims)],
  ['the type JWT', () => handmade({ alg: 'HS512', typ: 'JWT' }, claims)],
  ['the type of a refresh token', () => handmade({ alg: 'HS512', typ: 'rt+jwt' }, claims)],
  ['the refresh token itself', () => user.tokens.refreshToken],
  ['another issuer', () => signed({ iss: 'elsewhere' })],
  ['the issuer with a slash', () => signed({ iss: `${ISSUER}/` })],
  ['no issuer', () => handmade(AT, without('iss'))],
  ['another audience', () => signed({ aud: 'elsewhere' })],
  ['no audience', () => handmade(AT, without('aud'))],
  ['no subject', () => handmade(AT, without('sub'))],
  ['no session', () => handmade(AT, without('sid'))],
  ['an empty session', () => signed({ sid: '' })],
  ['a session that is no id', () => signed({ sid: "' or true --" })],
  ['another user’s session', async () => signed({ sid: (await app.login('admin', 'password123')).sessionId })],
  ['another user’s subject in the own session', async () => signed({ sub: decodeJwt(await app.admin()).sub! })],
  ['no end', () => handmade(AT, without('exp'))],
  ['an end that is a text', () => handmade(AT, { ...claims, exp: '9999999999' })],
  ['an end that is no number', () => handmade(AT, { ...claims, exp: null })],
  [
    'an end beyond all numbers',
    () =>
      handmade(AT, claims).replace(
        /^[^.]+\.[^.]+/,
        `${encode(AT)}.${Buffer.from('{"exp":1e999}').toString('base64url')}`,
      ),
  ],
  ['no beginning', () => handmade(AT, without('iat'))],
  ['a beginning in the future', () => signed({ iat: now() + 120 })],
  ['not valid before the future', () => signed({ nbf: now() + 120 })],
  ['half of it', () => user.token.slice(0, user.token.length / 2)],
  ['a payload that is no JSON', () => `${parts()[0]}.${Buffer.from('no json').toString('base64url')}.${parts()[2]}`],
  ['a payload that is a list', () => handmade(AT, [])],
  ['a payload that was changed', () => `${parts()[0]}.${encode({ ...claims, scope: 'ROLE_ADMIN' })}.${parts()[2]}`],
  ['a header that was changed', () => `${encode({ ...AT, extra: 1 })}.${parts()[1]}.${parts()[2]}`],
  ['more than any token of ours', () => signed({ padding: 'x'.repeat(13_000) })],
];

test.each(forgeries)('%s: no bearer, nothing to introspect, nothing to refresh with', async (_what, make) => {
  const token = await make();
  const { status, body } = await app.gql(MeDocument, {}, token);
  expect({ status, body }).toEqual({ status: 200, body: unauthenticated('me') });
  if (token !== user.tokens.refreshToken) {
    expect((await app.data(IntrospectDocument, { input: { token } }, user.token)).introspect).toMatchObject({
      active: false,
      sub: null,
    });
    expect(await app.outcome(RefreshDocument, { input: { refreshToken: token } })).toBe('INVALID_REFRESH_TOKEN');
  }
});

test('an expired token has a reason of its own, so that the client refreshes', async () => {
  expect((await app.gql(MeDocument, {}, await signed({ exp: now() - 1 }))).body).toEqual(
    unauthenticated('me', 'expired'),
  );
});

test('a clock that is a minute ahead is tolerated', async () => {
  expect(await app.outcome(MeDocument, {}, await signed({ iat: now() + 30, nbf: now() + 30 }))).toBe('ok');
});

test('a bearer of 100 kB is refused unread', async () => {
  const response = await fetch(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${'x'.repeat(100_000)}` },
    body: '{"query":"{ me { id } }"}',
  });
  expect([response.status, await response.json()]).toEqual([
    431,
    {
      code: 1001,
      message: 'Uncategorized error',
      errors: [{ field: 'request', message: 'The headers are longer than 65536 bytes' }],
    },
  ]);
});

test('a token in the URL or in the body does not authenticate', async () => {
  const variables = { access_token: user.token };
  const response = await fetch(`${app.url}?access_token=${user.token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ me { id } }', variables, access_token: user.token }),
  });
  expect(await response.json()).toMatchObject({ data: { me: null } });
});

test.each(['bearer', 'BEARER', 'Bearer  '])('the scheme may be written "%s"', async (scheme) => {
  expect((await app.gql(MeDocument, {}, { authorization: `${scheme} ${user.token}` })).body).not.toHaveProperty(
    'errors',
  );
});

test('of two bearers in one header none is taken', async () => {
  const authorization = `Bearer ${user.token}, Bearer ${await app.admin()}`;
  expect((await app.gql(MeDocument, {}, { authorization })).body).toEqual(unauthenticated('me'));
});
