import { hkdfSync } from 'node:crypto';
import { HmacSignature } from './hmac-signature';
import { type KeyRing, KeyRingSignature } from './key-ring';
import type { Signature } from './signature';

/** What is derived from JWT_SIGNER_KEY, and during its change from the key before it. */
export interface SharedKeys {
  /** Signs access tokens in the documented profile; resource servers have its secret. */
  access: Signature;
  /** Signs refresh tokens; derived, so that no resource server that knows the shared key accepts one. */
  refresh: Signature;
  /** What signed refresh tokens before the change, or null. */
  formerRefresh: Signature | null;
  /**
   * Key the hashes of one-time codes, which are too short to be safe as plain hashes: the first for new codes, each
   * for those that were sent.
   */
  codes: readonly [Uint8Array, ...Uint8Array[]];
  /** Draws how much a login with an unknown name computes. */
  decoyCosts: Uint8Array;
}

export interface SigningKeys extends SharedKeys {
  /** Of the strict profile; null where access tokens are signed with the shared key. */
  ring: KeyRing | null;
}

const REFRESH = 'identity/refresh-token/v1';
const CODES = 'identity/one-time-code/v1';
const DECOYS = 'identity/decoy-cost/v1';

/**
 * @param signerKey the shared secret; its UTF-8 bytes are the HMAC key, as the resource servers of
 *   the identity contract use it
 * @param previous accepted for verification too, while the secret is changed
 */
export function deriveSharedKeys(signerKey: string, previous?: string): SharedKeys {
  const secret = Buffer.from(signerKey, 'utf8');
  const former = previous === undefined ? undefined : Buffer.from(previous, 'utf8');
  const formerRefresh = former && derive(former, REFRESH);
  return {
    access: new HmacSignature(secret, former),
    refresh: new HmacSignature(derive(secret, REFRESH), formerRefresh),
    formerRefresh: formerRefresh ? new HmacSignature(formerRefresh) : null,
    codes: former ? [derive(secret, CODES), derive(former, CODES)] : [derive(secret, CODES)],
    decoyCosts: derive(secret, DECOYS),
  };
}

/** @param ring signs access tokens instead of the shared key (strict profile) */
export const signingKeys = (shared: SharedKeys, ring: KeyRing | null): SigningKeys => ({
  ...shared,
  ...(ring && { access: new KeyRingSignature(ring) }),
  ring,
});

/** RFC 5869; the label separates each use from any other of the same secret. */
const derive = (secret: Uint8Array, label: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha512', secret, Buffer.alloc(0), label, 64));
