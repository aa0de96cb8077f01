import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { CompactSign, compactVerify, type JWTPayload } from 'jose';
import type { SigningKey } from './signing-keys';
import { TokenError } from './token-error';

export interface SignedClaims {
  /** `typ` as RFC 7515 section 4.1.9 compares it: in lower case, without `application/`. */
  typ: string | undefined;
  payload: JWTPayload;
}

/**
 * JSON Web Signatures in compact form (RFC 7515) with one key and one algorithm. An HMAC is computed
 * synchronously: it takes microseconds, and WebCrypto's threads would cost ten times as much.
 */
export class Jws {
  constructor(
    private readonly key: SigningKey,
    private readonly issuer: string,
  ) {}

  /** The same claims in the same order give the same token, where the secret is shared. */
  async sign(claims: JWTPayload, typ?: string): Promise<string> {
    const { alg, kid, secret, sign } = this.key;
    const header = { alg, ...(typ && { typ }), ...(kid && { kid }) };
    const payload = Buffer.from(JSON.stringify(claims));
    if (!secret) return new CompactSign(payload).setProtectedHeader(header).sign(sign);
    const signed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload.toString('base64url')}`;
    return `${signed}.${hmac(secret, signed).toString('base64url')}`;
  }

  /**
   * Checks signature, algorithm and issuer, and not whether the times are past or to come.
   * @throws TokenError
   */
  async verify(token: string): Promise<SignedClaims> {
    if (!COMPACT_FORM.test(token)) throw new TokenError('MALFORMED');
    const { header, payload } = this.key.secret ? verifyHmac(token, this.key.secret) : await this.verifyByKey(token);
    const { alg, crit, typ } = header;
    if (alg !== this.key.alg || crit !== undefined) throw new TokenError('WRONG_SIGNATURE');
    if (typ !== undefined && typeof typ !== 'string') throw new TokenError('MALFORMED');
    const { iss, iat, exp, nbf } = payload;
    if (iss !== this.issuer) throw new TokenError('WRONG_ISSUER');
    if ([iat, exp, nbf].some((time) => time !== undefined && typeof time !== 'number'))
      throw new TokenError('MALFORMED');
    return { typ: typ?.toLowerCase().replace(/^application\//, ''), payload };
  }

  private async verifyByKey(token: string): Promise<Parts> {
    try {
      const { protectedHeader, payload } = await compactVerify(token, this.key.verify, { algorithms: [this.key.alg] });
      return { header: { ...protectedHeader }, payload: membersOf(Buffer.from(payload)) };
    } catch (cause) {
      throw cause instanceof TokenError ? cause : new TokenError('WRONG_SIGNATURE', { cause });
    }
  }
}

interface Parts {
  header: Record<string, unknown>;
  payload: JWTPayload;
}

const hmac = (secret: KeyObject, signed: string): Buffer => createHmac('sha512', secret).update(signed).digest();

/**
 * RFC 7515 section 7.1 in its one spelling: base64url without padding, where decoders take other
 * alphabets too.
 */
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** No part of the token is parsed before its signature is right. */
function verifyHmac(token: string, secret: KeyObject): Parts {
  const first = token.indexOf('.');
  const last = token.lastIndexOf('.');
  const expected = hmac(secret, token.slice(0, last));
  const given = Buffer.from(token.slice(last + 1), 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new TokenError('WRONG_SIGNATURE');
  return {
    header: membersOf(Buffer.from(token.slice(0, first), 'base64url')),
    payload: membersOf(Buffer.from(token.slice(first + 1, last), 'base64url')),
  };
}

function membersOf(json: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw new TokenError('MALFORMED', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TokenError('MALFORMED');
  return value as Record<string, unknown>;
}
