import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { type PrivateKey, parsePrivateKeys } from './private-key';

export type KeyAlgorithm = PrivateKey['alg'];

export const keyAlgorithms: readonly KeyAlgorithm[] = ['EdDSA', 'ES256', 'RS256'];

/** A key that verifies. */
export interface PublicKey {
  /** The JWK thumbprint (RFC 7638). */
  kid: string;
  alg: KeyAlgorithm;
  publicKey: CryptoKey;
  /** As jwks.json shows it. */
  jwk: JWK;
}

/** A key that signs and verifies. */
export interface SigningKey extends PublicKey {
  privateKey: CryptoKey;
  /** Not encrypted. */
  privateJwk: JWK;
}

/** Reads a public key; members that only a private key has are left out. */
export async function publicKeyOf({ kty, crv, x, y, n, e }: JWK, alg: KeyAlgorithm): Promise<PublicKey> {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  const bare = Object.fromEntries(members) as unknown as JWK;
  const kid = await calculateJwkThumbprint(bare);
  const publicKey = (await importJWK(bare, alg)) as CryptoKey;
  return { kid, alg, publicKey, jwk: { ...bare, kid, alg, use: 'sig' } };
}

export async function signingKeyOf(privateJwk: JWK, alg: KeyAlgorithm): Promise<SigningKey> {
  const privateKey = (await importJWK(privateJwk, alg)) as CryptoKey;
  return { ...(await publicKeyOf(privateJwk, alg)), privateKey, privateJwk };
}

/** The keys of JWT_PRIVATE_KEY, in their order. @throws Error as `parsePrivateKeys` */
export const signingKeysOfPem = (pem: string): Promise<SigningKey[]> =>
  Promise.all(parsePrivateKeys(pem).map(({ key, alg }) => signingKeyOf(key.export({ format: 'jwk' }) as JWK, alg)));

export async function generateSigningKey(alg: KeyAlgorithm): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return signingKeyOf(await exportJWK(privateKey), alg);
}
