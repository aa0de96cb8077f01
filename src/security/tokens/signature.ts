import type { JWTPayload } from 'jose';
import { TokenError } from './token-error';

/** The parts of a token whose signature is right. */
export interface SignedParts {
  header: Record<string, unknown>;
  payload: JWTPayload;
}

/** How tokens of one kind are signed and verified. */
export interface Signature {
  sign(payload: Uint8Array, typ: string | undefined): Promise<string>;
  /** @throws TokenError; any other error means that this could not be decided */
  verify(token: string): SignedParts | Promise<SignedParts>;
}

/** @throws TokenError */
export function jsonObject(json: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(json).toString('utf8'));
  } catch (cause) {
    throw new TokenError('MALFORMED', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TokenError('MALFORMED');
  return value as Record<string, unknown>;
}
