import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { CompactSign, type JWK, SignJWT } from 'jose';
import {
  generateSigningKey,
  type KeyAlgorithm,
  keyAlgorithms,
  type SigningKey,
} from '../../src/security/tokens/asymmetric-key';
import { Jws } from '../../src/security/tokens/jws';
import { type KeyRing, KeyRingSignature } from '../../src/security/tokens/key-ring';
import { deriveSharedKeys } from '../../src/security/tokens/signing-keys';
import { TokenError } from '../../src/security/tokens/token-error';

const ISSUER = 'issuer.example.org';
const CLAIMS = { sub: 'an', iss: ISSUER, iat: 1_700_000_000, exp: 1_700_003_600, jti: 'j1' };

const keys = {} as Record<KeyAlgorithm, SigningKey>;
let retired: SigningKey;
let jws: Jws;
beforeAll(async () => {
  for (const alg of keyAlgorithms) keys[alg] = await generateSigningKey(alg);
  retired = await generateSigningKey('EdDSA');
  const ring: KeyRing = {
    signingKey: async () => keys.ES256,
    verificationKey: async (kid) => Object.values(keys).find((key) => key.kid === kid),
    published: async () => ({ keys: [], isCurrent: true }),
  };
  jws = new Jws(new KeyRingSignature(ring), ISSUER);
});

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const signedBy = ({ alg, kid, privateKey }: SigningKey, header: object = {}) =>
  new SignJWT(CLAIMS).setProtectedHeader({ alg, typ: 'at+jwt', kid, ...header }).sign(privateKey);
const pem = ({ jwk }: SigningKey) =>
  createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' });

test('the key that signs is named by its thumbprint', async () => {
  const token = await jws.sign(CLAIMS, 'at+jwt');
  expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).toEqual({
    alg: 'ES256',
    typ: 'at+jwt',
    kid: keys.ES256.kid,
  });
  expect(await jws.verify(token)).toEqual({ typ: 'at+jwt', payload: CLAIMS });
});

test.each(keyAlgorithms)('a token of each key in the ring is verified: %s', async (alg) => {
  expect(await jws.verify(await signedBy(keys[alg]))).toEqual({ typ: 'at+jwt', payload: CLAIMS });
});

test('what is published of a key holds nothing private', async () => {
  for (const { jwk, privateJwk } of Object.values(keys)) {
    const secrets = ['d', 'p', 'q', 'dp', 'dq', 'qi'].filter((member) => member in privateJwk);
    expect(secrets.length).toBeGreaterThan(0);
    for (const member of secrets) expect(jwk).not.toHaveProperty(member);
  }
});

const hmacWith = (secret: string | Buffer, header: object) => {
  const signed = `${encode(header)}.${encode(CLAIMS)}`;
  return `${signed}.${createHmac('sha512', secret).update(signed).digest('base64url')}`;
};
const rawKey = ({ jwk }: SigningKey) => Buffer.from((jwk as { x: string }).x, 'base64url');
const AT = { typ: 'at+jwt' };

const forgeries: [string, () => string | Promise<string>][] = [
  ['a key that has retired', () => signedBy(retired)],
  ['a key outside under the id of one in the ring', () => signedBy(retired, { kid: keys.EdDSA.kid })],
  ['a key in the ring under the id of another', () => signedBy(keys.EdDSA, { kid: keys.ES256.kid })],
  ['no key id', () => signedBy(keys.ES256, { kid: undefined })],
  ['an empty key id', () => signedBy(keys.ES256, { kid: '' })],
  ['a key id of the language', () => signedBy(keys.ES256, { kid: '__proto__' })],
  ['a key id that is a list', () => signedBy(keys.ES256, { kid: [keys.ES256.kid] as unknown as string })],
  ['a key of its own in the header', () => signedBy(retired, { jwk: retired.jwk })],
  ['a key of its own under a known id', () => signedBy(retired, { jwk: retired.jwk, kid: keys.EdDSA.kid })],
  ['an address of keys', () => signedBy(retired, { jku: 'http://127.0.0.1:1/jwks.json' })],
  ['a certificate', () => signedBy(retired, { x5u: 'http://127.0.0.1:1/x', x5c: ['AA=='] })],
  ['the algorithm none', () => `${encode({ alg: 'none', ...AT, kid: keys.ES256.kid })}.${encode(CLAIMS)}.`],
  ['the algorithm none, with something', () => `${encode({ alg: 'none', kid: keys.ES256.kid })}.${encode(CLAIMS)}.AA`],
  [
    'HS512 with the public key in PEM as its secret',
    () => hmacWith(pem(keys.RS256) as string, { alg: 'HS512', ...AT, kid: keys.RS256.kid }),
  ],
  [
    'HS512 with the bytes of the public key as its secret',
    () => hmacWith(rawKey(keys.EdDSA), { alg: 'HS512', ...AT, kid: keys.EdDSA.kid }),
  ],
  [
    'HS512 with the published JWK as its secret',
    () => hmacWith(JSON.stringify(keys.EdDSA.jwk), { alg: 'HS512', ...AT, kid: keys.EdDSA.kid }),
  ],
  [
    'the shared key of the documented profile',
    () => new Jws(deriveSharedKeys('x'.repeat(64)).access, ISSUER).sign(CLAIMS, 'at+jwt'),
  ],
  ['another algorithm of the same key', async () => pssSigned(keys.RS256)],
  [
    'the algorithm of another key',
    async () => (await signedBy(keys.ES256)).replace(/^[^.]+/, header('EdDSA', 'ES256')),
  ],
  ['an extension that has to be understood', () => critical(keys.ES256)],
];
const header = (alg: KeyAlgorithm, key: KeyAlgorithm) => encode({ alg, typ: 'at+jwt', kid: keys[key].kid });

async function pssSigned({ kid, privateJwk }: SigningKey): Promise<string> {
  const { alg: _, ...members } = privateJwk as JWK;
  return new SignJWT(CLAIMS).setProtectedHeader({ alg: 'PS256', typ: 'at+jwt', kid }).sign({ ...members, kty: 'RSA' });
}

const critical = ({ alg, kid, privateKey }: SigningKey) =>
  new CompactSign(Buffer.from(JSON.stringify(CLAIMS)))
    .setProtectedHeader({ alg, kid, crit: ['urn:of-ours'], 'urn:of-ours': 1 })
    .sign(privateKey, { crit: { 'urn:of-ours': true } });

test.each(forgeries)('refuses %s', async (_what, make) => {
  await expect(jws.verify(await make())).rejects.toThrow(TokenError);
});

test('an error that leaves the question open is not taken for a wrong token', async () => {
  const away = new Error('the database is away');
  const ring = { verificationKey: () => Promise.reject(away) } as unknown as KeyRing;
  await expect(new Jws(new KeyRingSignature(ring), ISSUER).verify(await signedBy(keys.ES256))).rejects.toBe(away);
});
