import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { uuidArray } from '../../database/uuid';
import { revokeKongCredentials } from '../../queries/kong-credentials';
import { denyToken } from '../../queries/revoked-tokens';
import type { AccessTokens } from '../../security/tokens/access-tokens';
import type { RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { TokenError } from '../../security/tokens/token-error';
import type { Caller } from '../caller';
import type { KongService } from '../kong/kong.service';
import type { SessionRevocation } from '../sessions/session-revocation';
import { findSessionOfToken } from './session-of-token';

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
      const session = await findSessionOfToken(token, this.deps);
      if (session) await this.deps.revocation.logout(session, caller);
      else await this.denyToken(token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      await this.deps.kong.logout(token, caller);
    }
  }

  /** A compat token of an earlier service ends alone. */
  private async denyToken(token: string): Promise<void> {
    const { em, accessTokens, authenticator, clock } = this.deps;
    const verified = await accessTokens.verify(token, { expired: 'accept' });
    const { userId } = await authenticator.namedTokenState(verified);
    const now = clock.now();
    await denyToken.rows(em, { tokenKey: verified.key, userId, now, keptUntil: accessTokens.usableUntil(verified) });
    authenticator.evict(userId); // before the change feed announces it to every process
    await revokeKongCredentials.rows(em, { ids: uuidArray([userId]), now });
  }
}
