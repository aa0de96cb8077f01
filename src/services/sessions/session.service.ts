import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { endTokensOfUsers } from '../../queries/account-state';
import type { Principal } from '../../security/principal';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { AuditLog } from '../audit/audit-log';
import { endKongCredentials } from '../auth/account-revocation';
import { type Caller, requireScopesOf, signedIn } from '../caller';
import type { SessionProjection } from './session-projection';

export interface SessionView {
  id: string;
  userId: string;
  channel: string;
  address: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  current: boolean;
}

interface SessionRow {
  id: string;
  user_id: string;
  channel: string;
  address: string | null;
  user_agent: string | null;
  created_at: string | Date;
  last_seen_at: string | Date;
  ends_at: string | Date;
}

/** Shows and ends sessions. */
export class SessionService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly authenticator: TokenAuthenticator,
    private readonly projection: SessionProjection,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Live sessions, last used first. Those of others need READ_SESSIONS. @throws AppError FORBIDDEN,
   * USER_NOT_FOUND
   */
  async list(caller: Caller, userId?: string): Promise<SessionView[]> {
    const principal = signedIn(caller);
    const owner = userId ?? principal.userId;
    if (owner !== principal.userId && !principal.has('READ_SESSIONS'))
      throw new AppError('FORBIDDEN', { needs: 'READ_SESSIONS' });
    if (!isUuid(owner)) throw new AppError('USER_NOT_FOUND');
    const now = this.clock.now();
    const rows = await sqlRows<SessionRow>(
      this.em,
      `select id, user_id, channel, address, user_agent, created_at, last_seen_at, least(idle_until, expires_at) as ends_at from sessions
       where user_id = ? and revoked_at is null and idle_until > ? and expires_at > ? order by last_seen_at desc, id limit 1000`,
      [owner, now, now],
    );
    return rows.map((row) => ({
      id: row.id,
      userId: row.user_id,
      channel: row.channel,
      address: row.address,
      userAgent: row.user_agent,
      createdAt: new Date(row.created_at),
      lastSeenAt: new Date(row.last_seen_at),
      expiresAt: new Date(row.ends_at),
      current: row.id === principal.sessionId,
    }));
  }

  /**
   * Ends one session: an own one, or with REVOKE_SESSIONS one of an account that holds no more.
   * @throws AppError SESSION_NOT_FOUND
   */
  async revoke(caller: Caller, sessionId: string): Promise<void> {
    const principal = signedIn(caller);
    const session = isUuid(sessionId)
      ? await sqlRow<{ user_id: string }>(this.em, 'select user_id from sessions where id = ?', [sessionId])
      : undefined;
    const foreign = session && session.user_id !== principal.userId;
    if (!session || (foreign && !principal.has('REVOKE_SESSIONS'))) throw new AppError('SESSION_NOT_FOUND');
    if (foreign) await this.requireScopesOfUser(caller, session.user_id);
    await inTransaction(this.em, async (em) => {
      const ended = await this.revokeRows(em, 'id = ?', [sessionId], 'revoked');
      if (ended.length > 0)
        await this.audit.record(em, caller, {
          action: 'session.revoked',
          targetType: 'session',
          targetId: sessionId,
          detail: { user: session.user_id },
        });
    });
    await this.projection.forgetUnlessLive(session.user_id);
  }

  /** Ends the caller's sessions and tokens but those that ask; returns how many sessions. */
  async revokeOthers(caller: Caller): Promise<number> {
    const principal = signedIn(caller);
    return this.revokeMany(caller, principal.userId, principal);
  }

  /**
   * Ends every session and token of a user, the caller by default; returns how many sessions.
   * @throws AppError FORBIDDEN
   */
  async revokeAll(caller: Caller, userId?: string): Promise<number> {
    const principal = signedIn(caller);
    const owner = userId ?? principal.userId;
    if (owner !== principal.userId) {
      if (!principal.has('REVOKE_SESSIONS')) throw new AppError('FORBIDDEN', { needs: 'REVOKE_SESSIONS' });
      await this.requireScopesOfUser(caller, owner);
    }
    return this.revokeMany(caller, owner, null);
  }

  private async revokeMany(caller: Caller, userId: string, exempt: Principal | null): Promise<number> {
    const count = await inTransaction(this.em, async (em) => {
      // compat tokens have no session: raising the version ends them as well
      await endTokensOfUsers.rows(em, {
        userIds: `{${userId}}`,
        exemptTokenKey: exempt?.tokenKey ?? null,
        now: this.clock.now(),
      });
      const ended = await this.endSessionsOf(em, userId, 'revoked', exempt?.sessionId ?? null);
      await this.audit.record(em, caller, {
        action: 'sessions.revoked',
        targetType: 'user',
        targetId: userId,
        detail: { count: ended },
      });
      return ended;
    });
    await this.projection.forgetUnlessLive(userId);
    return count;
  }

  /**
   * For other services, in their transaction: ends the sessions of an account but one; returns how
   * many were live.
   */
  async endSessionsOf(
    em: SqlEntityManager,
    userId: string,
    reason: string,
    exemptSessionId: string | null = null,
  ): Promise<number> {
    const ended = await this.revokeRows(
      em,
      `user_id = ? and (?::uuid is null or id <> ?::uuid)`,
      [userId, exemptSessionId, exemptSessionId],
      reason,
    );
    return ended.filter(({ lived }) => lived).length;
  }

  /** Ends one session by id, for a logout: nothing happens when it is over already. */
  async end(sessionId: string, userId: string, caller: Caller): Promise<void> {
    if (!isUuid(sessionId) || !isUuid(userId)) return;
    const ended = await inTransaction(this.em, async (em) => {
      const rows = await this.revokeRows(em, 'id = ? and user_id = ?', [sessionId, userId], 'logout');
      if (rows.length === 0) return false;
      await endKongCredentials(em, userId, this.clock.now());
      await this.audit.record(em, caller, {
        action: 'session.logout',
        targetType: 'session',
        targetId: sessionId,
        detail: { user: userId },
      });
      return true;
    });
    if (ended) await this.projection.forgetUnlessLive(userId);
  }

  /**
   * A refresh token was used again, long after its successor was made: whoever holds it, the
   * session is over.
   */
  async endForReuse(claims: { sessionId: string; userId: string }, caller: Caller): Promise<void> {
    await inTransaction(this.em, async (em) => {
      const ended = await this.revokeRows(em, 'id = ?', [claims.sessionId], 'refresh token reused');
      if (ended.length === 0) return;
      await this.audit.record(em, caller, {
        action: 'session.reuse-detected',
        targetType: 'session',
        targetId: claims.sessionId,
        detail: { user: claims.userId },
      });
    });
    this.authenticator.forget(claims.userId); // the feed says it to everybody, a moment later
    await this.projection.forgetUnlessLive(claims.userId);
  }

  private async requireScopesOfUser(caller: Caller, userId: string): Promise<void> {
    const state = await this.authenticator.accountStateOf(userId);
    if (!state) throw new AppError('USER_NOT_FOUND');
    requireScopesOf(signedIn(caller), state.held);
  }

  /**
   * Also of those that are over by themselves, which another process's clock may not have noticed
   * yet.
   */
  private revokeRows(
    em: SqlEntityManager,
    where: string,
    values: readonly (string | null)[],
    reason: string,
  ): Promise<{ lived: boolean }[]> {
    const now = this.clock.now();
    const sql = `update sessions set revoked_at = ?, revoke_reason = ? where revoked_at is null and ${where}
      returning least(idle_until, expires_at) > ? as lived`;
    return sqlRows(em, sql, [now, reason, ...values, now]);
  }
}
