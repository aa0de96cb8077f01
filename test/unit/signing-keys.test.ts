import { Jws } from '../../src/security/tokens/jws';
import { RefreshTokens } from '../../src/security/tokens/refresh-tokens';
import { openSigningKeys } from '../../src/security/tokens/signing-keys';

const SIGNER_KEY = 'what the resource servers of these tests share, in one sentence of 64 bytes';
const ISSUER = 'issuer.example';
const CLAIMS = { userId: 'u', sessionId: 's', tokenId: 't', issuedAt: 1, expiresAt: 2 };

test('a refresh token cannot be verified with the key that resource servers have', async () => {
  const keys = await openSigningKeys(SIGNER_KEY);
  const tokens = new RefreshTokens(keys, ISSUER);
  const token = await tokens.issue(CLAIMS);
  expect(await tokens.verify(token)).toEqual(CLAIMS);
  await expect(new Jws(keys.access, ISSUER).verify(token)).rejects.toThrow('WRONG_SIGNATURE');
});

test('the keys of codes and of decoys differ, and follow the signer key', async () => {
  const [one, other] = [await openSigningKeys(SIGNER_KEY), await openSigningKeys(`${SIGNER_KEY}.`)];
  const keys = [one.codes, one.decoyCosts, other.codes, other.decoyCosts].map((key) =>
    Buffer.from(key).toString('hex'),
  );
  expect(new Set(keys).size).toBe(4);
});
