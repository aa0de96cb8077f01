import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { isUuid, uuidArray } from '../../database/uuid';
import { tokenReuse } from '../../observability/metrics/metrics';
import { revokeKongCredentials } from '../../queries/kong-credentials';
import { revokeSession } from '../../queries/sessions';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { AuditLog } from '../audit/audit-log';
import type { Caller } from '../caller';
import type { SessionProjection } from './session-projection';

/** A session and its account, as a token names them. */
export interface SessionOfUser {
  sessionId: string;
  userId: string;
}

export interface SessionRevocationDependencies {
  em: SqlEntityManager;
  authenticator: TokenAuthenticator;
  projection: SessionProjection;
  audit: AuditLog;
  clock: Clock;
}

/** Ends one session, with what follows from its end. */
export class SessionRevocation {
  constructor(private readonly deps: SessionRevocationDependencies) {}

  /** For a logout: nothing happens when the session is over already. */
  async logout({ sessionId, userId }: SessionOfUser, caller: Caller): Promise<void> {
    if (!isUuid(sessionId) || !isUuid(userId)) return;
    const now = this.deps.clock.now();
    const ended = await inTransaction(this.deps.em, async (em) => {
      if (!(await revokeSession.row(em, { sessionId, userId, reason: 'logout', now }))) return false;
      await revokeKongCredentials.rows(em, { ids: uuidArray([userId]), now });
      await this.deps.audit.record(em, caller, {
        action: 'session.logout',
        targetType: 'session',
        targetId: sessionId,
        detail: { user: userId },
      });
      return true;
    });
    if (ended) await this.deps.projection.removeUnlessLive(userId);
  }

  /** A used token was presented again, long after its successor was made: one of the two holders stole it. */
  async endForReuse({ sessionId, userId }: SessionOfUser, caller: Caller): Promise<void> {
    const now = this.deps.clock.now();
    tokenReuse.inc();
    await inTransaction(this.deps.em, async (em) => {
      if (!(await revokeSession.row(em, { sessionId, userId, reason: 'refresh token reused', now }))) return;
      await this.deps.audit.record(em, caller, {
        action: 'session.reuse-detected',
        targetType: 'session',
        targetId: sessionId,
        detail: { user: userId },
      });
    });
    this.deps.authenticator.evict(userId); // before the change feed announces it to every process
    await this.deps.projection.removeUnlessLive(userId);
  }
}
