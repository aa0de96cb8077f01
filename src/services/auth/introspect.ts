import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { findRefreshTokenState, type RefreshTokenStateRow } from '../../queries/refresh-tokens';
import { claimedType, tokenHash } from '../../security/tokens/access-tokens';
import { REFRESH_TOKEN_TYPE, type RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { TokenError, type TokenRefusal } from '../../security/tokens/token-error';
import type { Caller } from '../caller';

/** RFC 7662 section 2.2; of an inactive token no other member is shown, except `reason` to administrators. */
export interface IntrospectionResult {
  active: boolean;
  reason?: TokenRefusal;
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

/** An active token, or why it is refused. */
type Finding = { ownerId: string; result: IntrospectionResult } | { refusal: TokenRefusal };

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

  /**
   * The content is shown to the token's owner and to callers with INTROSPECT_TOKENS, why a token is
   * refused to the latter alone.
   */
  async run(token: string, caller: Caller): Promise<IntrospectionResult> {
    const found = await this.find(token, caller);
    const { principal } = caller;
    const isInspector = principal?.has('INTROSPECT_TOKENS') === true;
    if ('refusal' in found) return { active: false, ...(isInspector && { reason: found.refusal }) };
    const maySee = isInspector || principal?.userId === found.ownerId;
    return maySee ? found.result : { active: !this.deps.hidesForeignTokens };
  }

  private async find(token: string, caller: Caller): Promise<Finding> {
    try {
      return claimedType(token) === REFRESH_TOKEN_TYPE
        ? await this.findRefreshToken(token, caller)
        : await this.findAccessToken(token);
    } catch (error) {
      if (error instanceof TokenError) return { refusal: error.refusal };
      throw error;
    }
  }

  private async findAccessToken(token: string): Promise<Finding> {
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
  private async findRefreshToken(token: string, caller: Caller): Promise<Finding> {
    const { em, refreshTokens, clock } = this.deps;
    if (caller.channel.issues !== 'session') throw new TokenError('WRONG_KIND');
    const { userId, sessionId, tokenId, issuedAt, expiresAt } = await refreshTokens.verify(token);
    const state = await findRefreshTokenState.row(em, { tokenHash: tokenHash(token), userId, now: clock.now() });
    assertUsable(state);
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

/** @throws TokenError */
function assertUsable(state: RefreshTokenStateRow | undefined): void {
  if (!state) throw new TokenError('UNKNOWN_ACCOUNT');
  if (!state.is_active) throw new TokenError('ACCOUNT_DISABLED');
  if (state.is_consumed) throw new TokenError('USED');
  if (state.is_expired) throw new TokenError('EXPIRED');
  if (!state.is_session_live) throw new TokenError('SESSION_ENDED');
}
