import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { jwtVerify, SignJWT } from 'jose';
import { Jws } from '../../src/security/tokens/jws';
import { deriveSharedKeys } from '../../src/security/tokens/signing-keys';
import { TokenError } from '../../src/security/tokens/token-error';

const SECRET = 'a secret of the tests that is long enough for an HMAC of 512 bits: 0123456789 abcdef';
const ISSUER = 'issuer.example.org';
const CLAIMS = { sub: 'an', iss: ISSUER, iat: 1_700_000_000, exp: 1_700_003_600, jti: 'j1' };
const key = createSecretKey(Buffer.from(SECRET));

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** Any header and payload, rightly signed. */
function signed(header: unknown, payload: unknown, hash = 'sha512'): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

const jws = new Jws(deriveSharedKeys(SECRET).access, ISSUER);

const refused = (token: string) => expect(jws.verify(token)).rejects.toThrow(TokenError);

test('another library verifies what it signs, and the header names the algorithm alone', async () => {
  const token = await jws.sign(CLAIMS);
  expect(Buffer.from(token.split('.')[0]!, 'base64url').toString()).toBe('{"alg":"HS512"}');
  const { payload } = await jwtVerify(token, key, {
    algorithms: ['HS512'],
    issuer: ISSUER,
    currentDate: new Date(CLAIMS.iat * 1000),
  });
  expect(payload).toEqual(CLAIMS);
});

test('what another library signs, it verifies', async () => {
  const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS512', typ: 'application/AT+JWT' }).sign(key);
  expect(await jws.verify(token)).toEqual({ typ: 'at+jwt', payload: CLAIMS });
});

test('the same claims give the same token', async () => {
  expect(await jws.sign(CLAIMS, 'rt+jwt')).toBe(await jws.sign({ ...CLAIMS }, 'rt+jwt'));
});

const ALG = { alg: 'HS512' };
const rightlySigned: [string, () => string][] = [
  ['no algorithm', () => signed({}, CLAIMS)],
  ['the algorithm none', () => signed({ alg: 'none' }, CLAIMS)],
  ['another algorithm, with its own signature', () => signed({ alg: 'HS256' }, CLAIMS, 'sha256')],
  ['another algorithm, with our signature', () => signed({ alg: 'HS256' }, CLAIMS)],
  ['a list of algorithms', () => signed({ alg: ['HS512'] }, CLAIMS)],
  ['an extension that has to be understood', () => signed({ ...ALG, crit: ['exp'], exp: 1 }, CLAIMS)],
  ['an empty list of such extensions', () => signed({ ...ALG, crit: [] }, CLAIMS)],
  ['a typ that is no text', () => signed({ ...ALG, typ: 5 }, CLAIMS)],
  ['a header that is no object', () => signed('"HS512"', CLAIMS)],
  ['a header that is a list', () => signed([ALG], CLAIMS)],
  ['a header that is null', () => signed('null', CLAIMS)],
  ['a header that is no JSON', () => signed('{"alg":"HS512"', CLAIMS)],
  ['a payload that is a list', () => signed(ALG, [CLAIMS])],
  ['a payload that is null', () => signed(ALG, 'null')],
  ['a payload that is no JSON', () => signed(ALG, 'an')],
  ['an empty payload', () => signed(ALG, '')],
  ['no issuer', () => signed(ALG, { ...CLAIMS, iss: undefined })],
  ['another issuer', () => signed(ALG, { ...CLAIMS, iss: `${ISSUER}.` })],
  ['a list with our issuer', () => signed(ALG, { ...CLAIMS, iss: [ISSUER] })],
  ['an end that is a text', () => signed(ALG, { ...CLAIMS, exp: '1700003600' })],
  ['a beginning that is a text', () => signed(ALG, { ...CLAIMS, nbf: '0' })],
  ['a time of issue that is null', () => signed(ALG, { ...CLAIMS, iat: null })],
];
test.each(rightlySigned)('refuses, though rightly signed: %s', (_what, token) => refused(token()));

const forms: [string, (token: string) => string][] = [
  ['no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
  ['two parts', (token) => token.slice(0, token.lastIndexOf('.'))],
  ['four parts', (token) => `${token}.${token.split('.')[2]}`],
  ['a part before', (token) => `.${token}`],
  ['no header', (token) => token.slice(token.indexOf('.'))],
  ['padding', (token) => `${token}==`],
  [
    'the other alphabet',
    (token) => `${token.slice(0, -86)}${token.slice(-86).replaceAll('-', '+').replaceAll('_', '/')}+`,
  ],
  ['a shorter signature', (token) => token.slice(0, -2)],
  ['a blank', (token) => `${token} `],
  ['nothing', () => ''],
  ['dots', () => '..'],
];
test.each(forms)('refuses the form: %s', async (_what, change) => refused(change(await jws.sign(CLAIMS))));

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** 64 bytes leave four bits of the last character unused: this one decodes to the same bytes. */
const nextTo = (last: string) => ALPHABET[ALPHABET.indexOf(last) ^ 1]!;

test('takes the other spellings of a signature for the same', async () => {
  const token = await jws.sign(CLAIMS);
  expect(await jws.verify(token.slice(0, -1) + nextTo(token.at(-1)!))).toEqual(await jws.verify(token));
});

test('refuses every token of which one character is changed, but for the unused bits of the last', async () => {
  const token = await jws.sign(CLAIMS, 'at+jwt');
  await fc.assert(
    fc.asyncProperty(
      fc.nat(token.length - 2),
      fc.constantFrom(...ALPHABET, '.', '=', ' ', '\0', '\u{1F511}'),
      async (at, character) => {
        if (token[at] !== character) await refused(token.slice(0, at) + character + token.slice(at + 1));
      },
    ),
    { numRuns: 2000 },
  );
});

test('refuses a token of another key, whatever is in it', async () => {
  const other = new Jws(deriveSharedKeys(`${SECRET}.`).access, ISSUER);
  await refused(await other.sign(CLAIMS));
  const { refresh } = deriveSharedKeys(SECRET);
  await refused(await new Jws(refresh, ISSUER).sign(CLAIMS));
});

describe('while the secret is changed', () => {
  const OTHER = `${SECRET} of tomorrow`;
  const changing = new Jws(deriveSharedKeys(OTHER, SECRET).access, ISSUER);
  const changed = new Jws(deriveSharedKeys(OTHER).access, ISSUER);

  test('tokens of both are verified, and the new one signs', async () => {
    expect(await changing.verify(await jws.sign(CLAIMS))).toEqual({ typ: undefined, payload: CLAIMS });
    const token = await changing.sign(CLAIMS);
    expect(token).toBe(await changed.sign(CLAIMS));
    expect(await changing.verify(token)).toEqual(await changed.verify(token));
    await refused(token);
  });

  test('tokens of the old one are refused afterwards, and those of a third at all times', async () => {
    await expect(changed.verify(await jws.sign(CLAIMS))).rejects.toThrow(TokenError);
    const third = new Jws(deriveSharedKeys(`${SECRET}.`).access, ISSUER);
    await expect(changing.verify(await third.sign(CLAIMS))).rejects.toThrow(TokenError);
  });
});
