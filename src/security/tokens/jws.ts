import type { JWTPayload } from 'jose';
import type { Signature } from './signature';
import { TokenError } from './token-error';

export interface SignedClaims {
  /** `typ` as RFC 7515 section 4.1.9 compares it: in lower case, without `application/`. */
  typ: string | undefined;
  payload: JWTPayload;
}

/** JSON Web Signatures in compact form (RFC 7515) of one issuer. */
export class Jws {
  constructor(
    private readonly signature: Signature,
    private readonly issuer: string,
  ) {}

  sign(claims: JWTPayload, typ?: string): Promise<string> {
    return this.signature.sign(Buffer.from(JSON.stringify(claims)), typ);
  }

  /**
   * Checks signature, algorithm and issuer, and not whether the times are past or to come.
   * @throws TokenError; any other error means that this could not be decided
   */
  async verify(token: string): Promise<SignedClaims> {
    if (!COMPACT_FORM.test(token)) throw new TokenError('MALFORMED');
    const { header, payload } = await this.signature.verify(token);
    const { crit, typ } = header;
    if (crit !== undefined) throw new TokenError('WRONG_SIGNATURE');
    if (typ !== undefined && typeof typ !== 'string') throw new TokenError('MALFORMED');
    const { iss, iat, exp, nbf } = payload;
    if (iss !== this.issuer) throw new TokenError('WRONG_ISSUER');
    if ([iat, exp, nbf].some((time) => time !== undefined && typeof time !== 'number'))
      throw new TokenError('MALFORMED');
    return { typ: typ?.toLowerCase().replace(/^application\//, ''), payload };
  }
}

/**
 * RFC 7515 section 7.1 in its one spelling: base64url without padding, where decoders take other
 * alphabets too.
 */
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;
