import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { uuidArray } from '../../database/uuid';
import { endTokensOfUsers } from '../../queries/account-state';
import { revokeKongCredentials } from '../../queries/kong-credentials';
import { deleteCodesOfUser } from '../../queries/one-time-codes';
import type { Principal } from '../../security/principal';
import type { SessionService } from '../sessions/session.service';

/**
 * Ends everything that lets somebody in as an account, in the transaction of the change that
 * demands it.
 */
export class AccountRevocation {
  constructor(
    private readonly sessions: SessionService,
    private readonly clock: Clock,
  ) {}

  /**
   * Every token, session, code and gateway credential of the account dies with the commit, except
   * the token or session of `exempt`: the one that changed its own password.
   */
  async endAll(em: SqlEntityManager, userId: string, reason: string, exempt: Principal | null = null): Promise<void> {
    const own = exempt?.userId === userId ? exempt : null;
    const now = this.clock.now();
    await endTokensOfUsers.rows(em, { userIds: `{${userId}}`, exemptTokenKey: own?.tokenKey ?? null, now });
    await this.sessions.endSessionsOf(em, userId, reason, own?.sessionId ?? null);
    await deleteCodesOfUser.rows(em, { userId });
    await endKongCredentials(em, userId, now);
  }
}

/**
 * Marks them: they are not honoured from here on, and the outbox hears at the commit that there is
 * something to delete in Kong.
 */
export async function endKongCredentials(em: SqlEntityManager, userId: string, now: Date): Promise<void> {
  await revokeKongCredentials.rows(em, { ids: uuidArray([userId]), now });
}
