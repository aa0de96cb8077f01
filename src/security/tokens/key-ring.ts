import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import type { PublicKey, SigningKey } from './asymmetric-key';
import { jsonObject, type Signature, type SignedParts } from './signature';
import { TokenError } from './token-error';

/** What jwks.json shows. */
export interface PublishedKeys {
  keys: PublicKey['jwk'][];
  /** Whether a key that was added meanwhile would be among them. */
  isCurrent: boolean;
}

/** The keys of access tokens: one signs, several verify. */
export interface KeyRing {
  signingKey(): Promise<SigningKey>;
  /** The key of this id, while its tokens are accepted. */
  verificationKey(kid: string): Promise<PublicKey | undefined>;
  published(): Promise<PublishedKeys>;
}

/** Signatures by private keys; the header names the key, and the key its one algorithm (RFC 8725 section 3.1). */
export class KeyRingSignature implements Signature {
  constructor(private readonly ring: KeyRing) {}

  async sign(payload: Uint8Array, typ: string | undefined): Promise<string> {
    const { alg, kid, privateKey } = await this.ring.signingKey();
    return new CompactSign(payload).setProtectedHeader({ alg, ...(typ && { typ }), kid }).sign(privateKey);
  }

  async verify(token: string): Promise<SignedParts> {
    const kid = keyIdOf(token);
    const key = kid === undefined ? undefined : await this.ring.verificationKey(kid);
    if (!key) throw new TokenError('WRONG_SIGNATURE');
    try {
      const { protectedHeader, payload } = await compactVerify(token, key.publicKey, { algorithms: [key.alg] });
      return { header: { ...protectedHeader }, payload: jsonObject(payload) };
    } catch (cause) {
      throw cause instanceof TokenError ? cause : new TokenError('WRONG_SIGNATURE', { cause });
    }
  }
}

function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}
