import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { uuidArray } from '../../database/uuid';
import { revokeKongCredentials } from '../../queries/kong-credentials';
import { denyToken } from '../../queries/revoked-tokens';
import { type AccessTokens, claimedType, TokenError, type VerifiedToken } from '../../security/tokens/access-tokens';
import type { TokenState } from '../../security/tokens/account-state';
import { REFRESH_TOKEN_TYPE, type RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { Caller } from '../caller';
import type { KongService } from '../kong/kong.service';
import type { SessionRevocation } from '../sessions/session-revocation';

export interface LogoutDependencies {
  em: SqlEntityManager;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  authenticator: TokenAuthenticator;
  revocation: SessionRevocation;
  kong: KongService;
  clock: Clock;
}

/** Ends what a token of any kind stands for (RFC 7009). */
export class Logout {
  constructor(private readonly deps: LogoutDependencies) {}

  /** Succeeds for an expired, revoked, foreign or malformed token too (RFC 7009 section 2.2). */
  async run(token: string, caller: Caller): Promise<void> {
    try {
      if (claimedType(token) === REFRESH_TOKEN_TYPE) await this.logoutRefreshToken(token, caller);
      else await this.logoutAccessToken(token, caller);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      await this.deps.kong.logout(token, caller);
    }
  }

  private async logoutRefreshToken(token: string, caller: Caller): Promise<void> {
    await this.deps.revocation.logout(await this.deps.refreshTokens.verify(token), caller);
  }

  private async logoutAccessToken(token: string, caller: Caller): Promise<void> {
    const verified = await this.deps.accessTokens.verify(token, { expired: 'accept' });
    const { sessionId, subject } = verified;
    if (sessionId !== null) await this.deps.revocation.logout({ sessionId, userId: subject }, caller);
    else await this.denyCompatToken(verified);
  }

  private async denyCompatToken(token: VerifiedToken): Promise<void> {
    const { em, accessTokens, authenticator, clock } = this.deps;
    const { userId }: TokenState = await authenticator.reconsider(token);
    const now = clock.now();
    // for as long as it could be used or refreshed
    const expiresAt = new Date(Math.max(token.expiresAt, accessTokens.refreshableUntil(token)) * 1000);
    await denyToken.rows(em, { tokenKey: token.key, userId, now, expiresAt });
    authenticator.evict(userId); // before the change feed announces it to every process
    await revokeKongCredentials.rows(em, { ids: uuidArray([userId]), now });
  }
}
