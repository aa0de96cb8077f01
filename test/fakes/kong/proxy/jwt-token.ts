import { constants, createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { ALGORITHMS } from '../admin/kinds';
import { PluginCrash } from './exchange';

export interface DecodedToken {
  header: Record<string, unknown>;
  claims: unknown;
  signature: Buffer;
  signed: string;
}

/**
 * Lua indexes a string without complaint (nothing is found), but not a number, a boolean or null.
 */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? undefined : (value as Record<string, unknown>)[name];
  if (typeof value === 'string') return undefined;
  throw new PluginCrash('attempt to index a value that has no members');
}

/** @returns the parts, or what Kong says after `Bad token; ` */
export function decodeToken(token: string): DecodedToken | string {
  const [header64, claims64, signature64] = token.split('.');
  const header = decodeJson(header64);
  const claims = decodeJson(claims64);
  if (header === undefined || claims === undefined || signature64 === undefined) return 'invalid JSON';
  const alg = memberOf(header, 'alg');
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) return 'invalid alg';
  const signature = decodeBase64url(signature64);
  if (!signature) return 'invalid signature';
  return { header: header as Record<string, unknown>, claims, signature, signed: `${header64}.${claims64}` };
}

/** base64url with or without padding; `+`, `/` and spaces are not part of it. */
export function decodeBase64url(text: string): Buffer | undefined {
  return /^[\w-]*={0,2}$/.test(text) && text.replaceAll('=', '').length % 4 !== 1
    ? Buffer.from(text, 'base64url')
    : undefined;
}

function decodeJson(text: string | undefined): unknown {
  const bytes = text === undefined ? undefined : decodeBase64url(text);
  if (!bytes) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

const ES_SIGNATURE_BYTES: Record<string, number> = { ES256: 64, ES384: 96, ES512: 132 };

/**
 * @throws PluginCrash where Kong answers 500: a key that cannot be read, an ES* signature of a
 *   wrong length, PS* with another key size
 */
export function isSignedBy(token: DecodedToken, algorithm: string, key: Buffer): boolean {
  const data = Buffer.from(token.signed);
  const { signature } = token;
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('HS')) {
    const expected = createHmac(hash, key).update(data).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
  const publicKey = readPublicKey(key);
  if (algorithm === 'EdDSA') return verify(null, data, publicKey, signature);
  if (algorithm.startsWith('RS')) return verify(hash, data, publicKey, signature);
  if (algorithm.startsWith('PS')) {
    if (publicKey.asymmetricKeyDetails?.modulusLength !== 2048)
      throw new PluginCrash('PS* with a key that is not 2048 bits long');
    return verify(
      hash,
      data,
      { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(algorithm.slice(2)) / 8 },
      signature,
    );
  }
  if (signature.length !== ES_SIGNATURE_BYTES[algorithm]) throw new PluginCrash('an ES* signature of a wrong length');
  return verify(hash, data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

function readPublicKey(pem: Buffer): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw new PluginCrash('a public key that cannot be read');
  }
}
