/** Why a token is refused. */
export type TokenRefusal =
  | 'MALFORMED'
  | 'WRONG_SIGNATURE'
  | 'WRONG_ISSUER'
  | 'WRONG_AUDIENCE'
  | 'WRONG_KIND'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'USED'
  | 'REVOKED'
  | 'SESSION_ENDED'
  | 'UNKNOWN_ACCOUNT'
  | 'ACCOUNT_DISABLED';

/** A token is refused; only callers with INTROSPECT_TOKENS are told why (RFC 7662 section 2.2). */
export class TokenError extends Error {
  override readonly name = 'TokenError';

  constructor(
    readonly refusal: TokenRefusal,
    options?: ErrorOptions,
  ) {
    super(`token refused: ${refusal}`, options);
  }

  /** What the client that sent the token is told: whether a refresh can help. */
  get reason(): 'expired' | 'invalid' {
    return this.refusal === 'EXPIRED' ? 'expired' : 'invalid';
  }
}
