import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { findUsableToken } from '../../queries/refresh-tokens';
import { claimedType, TokenError, tokenHash } from '../../security/tokens/access-tokens';
import { REFRESH_TOKEN_TYPE, type RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { Caller } from '../caller';

/** RFC 7662 section 2.2; an inactive token has no other member. */
export interface IntrospectionResult {
  active: boolean;
  scope?: string;
  clientId?: string;
  username?: string;
  tokenType?: string;
  exp?: number;
  iat?: number;
  nbf?: number;
  sub?: string;
  aud?: string[];
  iss?: string;
  jti?: string;
  sid?: string;
}

/** An active token. */
interface Found {
  ownerId: string;
  result: IntrospectionResult;
}

export interface IntrospectionDependencies {
  em: SqlEntityManager;
  refreshTokens: RefreshTokens;
  authenticator: TokenAuthenticator;
  /** Whether callers who may not see a token's content are told that it is active. */
  hidesForeignTokens: boolean;
  clock: Clock;
}

/** Whether a token is accepted now, and what is in it (RFC 7662). */
export class Introspection {
  constructor(private readonly deps: IntrospectionDependencies) {}

  /** The content is shown to the token's owner and to callers with INTROSPECT_TOKENS. */
  async run(token: string, caller: Caller): Promise<IntrospectionResult> {
    const found = await this.find(token, caller);
    if (!found) return { active: false };
    const { principal } = caller;
    const maySee = principal !== null && (principal.userId === found.ownerId || principal.has('INTROSPECT_TOKENS'));
    return maySee ? found.result : { active: !this.deps.hidesForeignTokens };
  }

  private async find(token: string, caller: Caller): Promise<Found | undefined> {
    try {
      return claimedType(token) === REFRESH_TOKEN_TYPE
        ? await this.findRefreshToken(token, caller)
        : await this.findAccessToken(token);
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  }

  private async findAccessToken(token: string): Promise<Found | undefined> {
    const { principal, claims } = await this.deps.authenticator.examine(token);
    const { sub, exp, iat, nbf, iss, jti } = claims;
    return {
      ownerId: principal.userId,
      result: {
        active: true,
        scope: [...principal.scopes].join(' '),
        username: principal.username,
        tokenType: 'Bearer',
        sub,
        exp,
        iat,
        nbf,
        iss,
        jti,
        aud: typeof claims.aud === 'string' ? [claims.aud] : claims.aud,
        ...(principal.sessionId !== null && { sid: principal.sessionId }),
        ...(typeof claims.client_id === 'string' && { clientId: claims.client_id }),
      },
    };
  }

  /** A refresh token is active only where it can be refreshed: not on the channel of compat tokens. */
  private async findRefreshToken(token: string, caller: Caller): Promise<Found | undefined> {
    const { em, refreshTokens, clock } = this.deps;
    if (caller.channel.issues !== 'session') return undefined;
    const { userId, sessionId, tokenId, issuedAt, expiresAt } = await refreshTokens.verify(token);
    if (!(await findUsableToken.row(em, { tokenHash: tokenHash(token), now: clock.now() }))) return undefined;
    return {
      ownerId: userId,
      result: {
        active: true,
        tokenType: 'refresh_token',
        sub: userId,
        sid: sessionId,
        jti: tokenId,
        iat: issuedAt,
        exp: expiresAt,
      },
    };
  }
}
