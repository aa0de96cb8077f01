import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { uuidArray } from '../../database/uuid';
import { endTokensOfUsers } from '../../queries/account-state';
import { revokeKongCredentials } from '../../queries/kong-credentials';
import { deleteCodesOfUser } from '../../queries/one-time-codes';
import { revokeSessionsOfUser } from '../../queries/sessions';
import type { Principal } from '../../security/principal';

/** Ends every way into an account, in the transaction of the change that demands it. */
export class AccountRevocation {
  constructor(private readonly clock: Clock) {}

  /**
   * Ends every token, session, code and Kong credential of the account with the commit.
   * @param exempt whose own token or session stays: the caller who changed their own password
   */
  async endAll(em: SqlEntityManager, userId: string, reason: string, exempt: Principal | null = null): Promise<void> {
    const own = exempt?.userId === userId ? exempt : null;
    const now = this.clock.now();
    await endTokensOfUsers.rows(em, { userIds: uuidArray([userId]), exemptTokenKey: own?.tokenKey ?? null, now });
    await revokeSessionsOfUser.rows(em, { userId, exemptSessionId: own?.sessionId ?? null, reason, now });
    await deleteCodesOfUser.rows(em, { userId });
    await revokeKongCredentials.rows(em, { ids: uuidArray([userId]), now });
  }
}
