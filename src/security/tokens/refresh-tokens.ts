import { tokensIssued } from '../../observability/metrics/metrics';
import { tokenHash } from './access-tokens';
import { Jws } from './jws';
import type { SigningKeys } from './signing-keys';
import { TokenError } from './token-error';

export interface RefreshTokenClaims {
  userId: string;
  sessionId: string;
  /** Id of its row in refresh_tokens. */
  tokenId: string;
  /** Seconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
}

/** `typ` of a refresh token. */
export const REFRESH_TOKEN_TYPE = 'rt+jwt';

/**
 * Signs and verifies refresh tokens. The signature is deterministic: the same row gives the same
 * token again, which is how a lost answer can be repeated although only the token's hash is stored.
 */
export class RefreshTokens {
  private readonly jws: Jws;
  private readonly former: Jws | null;

  constructor(
    keys: Pick<SigningKeys, 'refresh' | 'formerRefresh'>,
    private readonly issuer: string,
  ) {
    this.jws = new Jws(keys.refresh, issuer);
    this.former = keys.formerRefresh && new Jws(keys.formerRefresh, issuer);
  }

  async issue(claims: RefreshTokenClaims): Promise<string> {
    const token = await this.sign(this.jws, claims);
    tokensIssued.inc({ kind: 'refresh' });
    return token;
  }

  /** The token of these claims that has this hash: it may have been signed before the key was changed. */
  async issueAgain(claims: RefreshTokenClaims, hash: string): Promise<string> {
    const token = await this.issue(claims);
    if (!this.former || tokenHash(token) === hash) return token;
    return this.sign(this.former, claims);
  }

  private sign(jws: Jws, { userId, sessionId, tokenId, issuedAt, expiresAt }: RefreshTokenClaims): Promise<string> {
    const claims = { sid: sessionId, sub: userId, iss: this.issuer, iat: issuedAt, exp: expiresAt, jti: tokenId };
    return jws.sign(claims, REFRESH_TOKEN_TYPE);
  }

  /**
   * Checks form and signature alone: expiry, use and revocation are in the database.
   * @throws TokenError
   */
  async verify(token: string): Promise<RefreshTokenClaims> {
    if (token.length > 4096) throw new TokenError('MALFORMED');
    const { typ, payload } = await this.jws.verify(token);
    const { sub, sid, jti, iat, exp } = payload;
    if (typ !== REFRESH_TOKEN_TYPE) throw new TokenError('WRONG_KIND');
    const isWhole =
      typeof sub === 'string' &&
      typeof sid === 'string' &&
      typeof jti === 'string' &&
      iat !== undefined &&
      exp !== undefined;
    if (!isWhole) throw new TokenError('MALFORMED');
    return { userId: sub, sessionId: sid, tokenId: jti, issuedAt: iat, expiresAt: exp };
  }
}
