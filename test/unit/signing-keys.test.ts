import { tokenHash } from '../../src/security/tokens/access-tokens';
import { Jws } from '../../src/security/tokens/jws';
import { RefreshTokens } from '../../src/security/tokens/refresh-tokens';
import { deriveSharedKeys } from '../../src/security/tokens/signing-keys';

const SIGNER_KEY = 'what the resource servers of these tests share, in one sentence of 64 bytes';
const NEW_KEY = `${SIGNER_KEY}, and of tomorrow`;
const ISSUER = 'issuer.example';
const CLAIMS = { userId: 'u', sessionId: 's', tokenId: 't', issuedAt: 1, expiresAt: 2 };
const refreshTokens = (signerKey: string, previous?: string) =>
  new RefreshTokens(deriveSharedKeys(signerKey, previous), ISSUER);

test('a refresh token cannot be verified with the key that resource servers have', async () => {
  const keys = deriveSharedKeys(SIGNER_KEY);
  const tokens = new RefreshTokens(keys, ISSUER);
  const token = await tokens.issue(CLAIMS);
  expect(await tokens.verify(token)).toEqual(CLAIMS);
  await expect(new Jws(keys.access, ISSUER).verify(token)).rejects.toThrow('WRONG_SIGNATURE');
});

test('the keys of codes and of decoys differ, and follow the signer key', () => {
  const [one, other] = [deriveSharedKeys(SIGNER_KEY), deriveSharedKeys(NEW_KEY)];
  const keys = [one.codes[0], one.decoyCosts, other.codes[0], other.decoyCosts].map((key) =>
    Buffer.from(key).toString('hex'),
  );
  expect(new Set(keys).size).toBe(4);
  expect(deriveSharedKeys(NEW_KEY, SIGNER_KEY).codes).toEqual([other.codes[0], one.codes[0]]);
});

test('while the signer key is changed, refresh tokens of both keys are verified, and of the new one issued', async () => {
  const [old, changing, changed] = [
    refreshTokens(SIGNER_KEY),
    refreshTokens(NEW_KEY, SIGNER_KEY),
    refreshTokens(NEW_KEY),
  ];
  expect(await changing.verify(await old.issue(CLAIMS))).toEqual(CLAIMS);
  expect(await changing.issue(CLAIMS)).toBe(await changed.issue(CLAIMS));
  await expect(changed.verify(await old.issue(CLAIMS))).rejects.toThrow('WRONG_SIGNATURE');
});

test('a refresh token whose answer was lost is repeated as it was, also when the key has changed since', async () => {
  const [old, changing] = [refreshTokens(SIGNER_KEY), refreshTokens(NEW_KEY, SIGNER_KEY)];
  for (const tokens of [old, changing]) {
    const token = await tokens.issue(CLAIMS);
    expect(await changing.issueAgain(CLAIMS, tokenHash(token))).toBe(token);
  }
});
