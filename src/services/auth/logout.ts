import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { uuidArray } from '../../database/uuid';
import { revokeKongCredentials } from '../../queries/kong-credentials';
import { denyToken } from '../../queries/revoked-tokens';
import { type AccessTokens, claimedType, TokenError, type VerifiedToken } from '../../security/tokens/access-tokens';
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
    const { sessionId, userId } = verified;
    if (sessionId === null) await this.denyToken(verified);
    else if (userId !== null) await this.deps.revocation.logout({ sessionId, userId }, caller);
  }

  /** A token of an earlier service, which has no session. */
  private async denyToken(token: VerifiedToken): Promise<void> {
    const { em, accessTokens, authenticator, clock } = this.deps;
    const { userId } = await authenticator.namedTokenState(token);
    const now = clock.now();
    await denyToken.rows(em, { tokenKey: token.key, userId, now, keptUntil: accessTokens.usableUntil(token) });
    authenticator.evict(userId); // before the change feed announces it to every process
    await revokeKongCredentials.rows(em, { ids: uuidArray([userId]), now });
  }
}
