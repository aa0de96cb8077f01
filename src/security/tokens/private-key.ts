import { createPrivateKey, type KeyObject } from 'node:crypto';

export interface PrivateKey {
  key: KeyObject;
  /** One key, one algorithm (RFC 8725 section 3.1). */
  alg: 'EdDSA' | 'ES256' | 'RS256';
}

const PEM_BLOCK = /-----BEGIN [\s\S]+?-----END [^-]+-----/g;

/**
 * Reads private keys, one PEM block after the other.
 * @throws Error whose message follows the name of the variable that holds them
 */
export function parsePrivateKeys(pem: string): PrivateKey[] {
  const blocks = pem.match(PEM_BLOCK) ?? [pem];
  const keys = blocks.map(parsePrivateKey);
  if (pem.replace(PEM_BLOCK, '').trim() !== '') throw new Error('holds something between or around its PEM blocks');
  if (keys.some((one, i) => keys.slice(0, i).some(({ key }) => key.equals(one.key))))
    throw new Error('holds the same key twice');
  return keys;
}

function parsePrivateKey(pem: string): PrivateKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new Error('is not a private key in PKCS#8 PEM form', { cause });
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === 'ed25519') return { key, alg: 'EdDSA' };
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return { key, alg: 'ES256' };
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048) return { key, alg: 'RS256' };
  throw new Error('must be an Ed25519, P-256 or RSA key (RSA of at least 2048 bits)');
}
