import { createHmac } from 'node:crypto';
import { normalizeText } from '../text-limits';

/**
 * How a password becomes the text that bcrypt hashes; kept beside the hash, whose own format is
 * always bcrypt's.
 * - `imported`: exactly as received, as the service did that the hash comes from
 * - `bcrypt`: normalized to NFC; at most 72 bytes of UTF-8 and no NUL, so that bcrypt sees all of
 *   it
 * - `bcrypt-hmac-sha384`: normalized to NFC and longer or with a NUL: base64 of its HMAC-SHA-384,
 *   64 characters that depend on every byte. The HMAC's key keeps the digest apart from plain
 *   SHA-384 digests leaked elsewhere (password shucking).
 */
export type PasswordScheme = 'imported' | 'bcrypt' | 'bcrypt-hmac-sha384';

export interface StoredPassword {
  /** In bcrypt's format: `$2b$<cost>$<salt and digest>`; `$2a$` and `$2y$` are taken too. */
  hash: string;
  scheme: PasswordScheme;
}

/** bcrypt ignores what comes after. */
const BCRYPT_MAX_BYTES = 72;
/** Part of the stored format: with another key no long password would match again. */
const DOMAIN = 'graphql-identity/password/bcrypt-hmac-sha384/v1';

/**
 * The scheme that this password needs today, and bcrypt's input under it. The text must be
 * well-formed Unicode.
 */
export function prepare(password: string): { text: string; scheme: PasswordScheme } {
  const normalized = normalizeText(password, 'password');
  if (normalized === null) throw new RangeError('a password above its limit must not be hashed');
  if (!isCutByBcrypt(normalized)) return { text: normalized, scheme: 'bcrypt' };
  return { text: createHmac('sha384', DOMAIN).update(normalized).digest('base64'), scheme: 'bcrypt-hmac-sha384' };
}

/** Whether bcrypt would see only the beginning: above 72 bytes of UTF-8, or from a NUL on. */
export const isCutByBcrypt = (text: string): boolean =>
  Buffer.byteLength(text) > BCRYPT_MAX_BYTES || text.includes('\0');

/**
 * UTF-8 has no form for half a surrogate pair: all of them would become the same replacement
 * character.
 */
export function hasLoneSurrogate(password: string): boolean {
  return /\p{Surrogate}/u.test(password);
}

/** Null when it is not a bcrypt hash that can be verified. */
export function parseHash(hash: string): { cost: number; canonical: string } | null {
  const match = /^\$2[aby]\$(\d\d)(\$[./A-Za-z0-9]{53})$/.exec(hash);
  if (!match) return null;
  const [, cost, rest] = match;
  // one computation under three names; with the letter "a" the native code repeats OpenBSD's old
  // wrap-around at 256 bytes, which $2a$'s other makers never had
  return { cost: Number(cost), canonical: `$2b$${cost}${rest}` };
}

/** A well-formed hash that no password is known for. */
export function decoyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$abcdefghijklmnopqrstuuMbfrOeIhJyAd5PHQLoEgkW5WeDk8fVrC`;
}
