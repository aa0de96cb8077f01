import { createPublicKey, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, importPKCS8, importSPKI, type JWK } from 'jose';
import { parsePrivateKey } from './private-key';

/** One key, one algorithm (RFC 8725 section 3.1). */
export interface SigningKey {
  alg: 'HS512' | 'EdDSA' | 'ES256' | 'RS256';
  kid: string | undefined;
  sign: CryptoKey | KeyObject;
  verify: CryptoKey | KeyObject;
  /** Of an HMAC: the secret that signs and verifies. */
  secret?: KeyObject;
}

export interface SigningKeys {
  /** Signs compat tokens and session access tokens. */
  access: SigningKey;
  /**
   * Signs refresh tokens; derived, so that no resource server that knows the shared key accepts
   * one.
   */
  refresh: SigningKey;
  /** Keys the hashes of one-time codes, which are too short to be safe as plain hashes. */
  codes: Uint8Array;
  /** Draws how much a login with an unknown name computes. */
  decoyCosts: Uint8Array;
  /**
   * What `/.well-known/jwks.json` publishes: the public key of the strict profile, else nothing.
   */
  jwks: { keys: JWK[] };
}

function hmacKey(bytes: Uint8Array): SigningKey {
  const secret = createSecretKey(bytes);
  return { alg: 'HS512', kid: undefined, sign: secret, verify: secret, secret };
}

async function asymmetricKey(pem: string): Promise<{ key: SigningKey; jwk: JWK }> {
  const { key: parsed, alg } = parsePrivateKey(pem);
  const sign = await importPKCS8(parsed.export({ type: 'pkcs8', format: 'pem' }).toString(), alg);
  const spki = createPublicKey(parsed).export({ type: 'spki', format: 'pem' }).toString();
  const verify = await importSPKI(spki, alg, { extractable: true });
  const jwk = await exportJWK(verify);
  const kid = await calculateJwkThumbprint(jwk);
  return { key: { alg, kid, sign, verify }, jwk: { ...jwk, kid, alg, use: 'sig' } };
}

/**
 * @param signerKey the shared secret; its UTF-8 bytes are the HMAC key, as the resource servers of
 *   the identity contract use it
 * @param privateKey PKCS#8 PEM; when given (strict profile) access tokens are signed with it
 *   instead
 * @throws Error when the private key cannot be used
 */
export async function openSigningKeys(signerKey: string, privateKey?: string): Promise<SigningKeys> {
  const secret = Buffer.from(signerKey, 'utf8');
  // RFC 5869; the label separates each use from any other of the same secret
  const derive = (label: string) => new Uint8Array(hkdfSync('sha512', secret, Buffer.alloc(0), label, 64));
  const refresh = hmacKey(derive('identity/refresh-token/v1'));
  const codes = derive('identity/one-time-code/v1');
  const decoyCosts = derive('identity/decoy-cost/v1');
  if (!privateKey) return { access: hmacKey(secret), refresh, codes, decoyCosts, jwks: { keys: [] } };
  const { key, jwk } = await asymmetricKey(privateKey);
  return { access: key, refresh, codes, decoyCosts, jwks: { keys: [jwk] } };
}
