import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { isUuid, uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { endTokensOfUsers } from '../../queries/account-state';
import {
  countLiveSessions,
  findLiveSessions,
  findSessionOwner,
  revokeSession,
  revokeSessionsOfUser,
  type SessionRow,
} from '../../queries/sessions';
import type { Principal } from '../../security/principal';
import type { AuditLog } from '../audit/audit-log';
import type { WriteAuthorization } from '../auth/write-authorization';
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

/** A page of a Relay connection, forward. */
export interface SessionPageArgs {
  first?: number | null;
  after?: string | null;
}

export interface SessionPage {
  sessions: SessionView[];
  cursorOf: (index: number) => string;
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

export const SESSION_PAGE_MAX = 100;

export interface SessionServiceDependencies {
  em: SqlEntityManager;
  projection: SessionProjection;
  authorization: WriteAuthorization;
  audit: AuditLog;
  clock: Clock;
}

/** Shows and ends sessions. */
export class SessionService {
  constructor(private readonly deps: SessionServiceDependencies) {}

  /** How many sessions are live. */
  async count(): Promise<number> {
    const { em, clock } = this.deps;
    return (await countLiveSessions.replicaRows(em, { now: clock.now() }))[0]!.count;
  }

  /**
   * A page of live sessions, the last used first. Those of others need READ_SESSIONS.
   * @throws AppError FORBIDDEN, USER_NOT_FOUND, BAD_USER_INPUT
   */
  async list(caller: Caller, page: SessionPageArgs & { userId?: string | null }): Promise<SessionPage> {
    const principal = signedIn(caller);
    const owner = page.userId ?? principal.userId;
    if (owner !== principal.userId && !principal.has('READ_SESSIONS'))
      throw new AppError('FORBIDDEN', { needs: 'READ_SESSIONS' });
    if (!isUuid(owner)) throw new AppError('USER_NOT_FOUND');
    return (await this.pagesOfUsers(caller, [owner], page)).get(owner)!;
  }

  /** A page of each user's live sessions, by user id. @throws AppError BAD_USER_INPUT */
  async pagesOfUsers(
    caller: Caller,
    userIds: readonly string[],
    { first, after }: SessionPageArgs,
  ): Promise<Map<string, SessionPage>> {
    const size = first ?? SESSION_PAGE_MAX;
    if (size < 0 || size > SESSION_PAGE_MAX)
      throw new AppError('BAD_USER_INPUT', { detail: `A page holds 0 to ${SESSION_PAGE_MAX} sessions, not ${size}` });
    const place = after ? decodeCursor(after) : { afterUsedAt: null, afterId: null };
    const values = { userIds: uuidArray(userIds), now: this.deps.clock.now(), ...place, limit: size + 1 };
    const owned = Map.groupBy(await findLiveSessions.rows(this.deps.em, values), (row) => row.user_id);
    const current = caller.principal?.sessionId ?? null;
    return new Map(
      userIds.map((userId) => {
        const found = owned.get(userId) ?? [];
        const shown = found.slice(0, size);
        const page = {
          sessions: shown.map((row) => sessionView(row, current)),
          cursorOf: (index: number) => encodeCursor(shown[index]!),
          hasNextPage: found.length > size,
          hasPreviousPage: Boolean(after),
        };
        return [userId, page];
      }),
    );
  }

  /**
   * Ends one session: an own one, or with REVOKE_SESSIONS one of an account that holds no more.
   * @throws AppError SESSION_NOT_FOUND, FORBIDDEN
   */
  async revoke(caller: Caller, id: string): Promise<void> {
    const { userId: ownId } = signedIn(caller);
    const sessionId = id.toLowerCase();
    const session = isUuid(id) ? await findSessionOwner.row(this.deps.em, { sessionId }) : undefined;
    const mayRevoke = session?.user_id === ownId || signedIn(caller).has('REVOKE_SESSIONS');
    if (!session || !mayRevoke) throw new AppError('SESSION_NOT_FOUND');
    const userId = session.user_id;
    await inTransaction(this.deps.em, async (em) => {
      await this.authorize(em, caller, userId);
      const now = this.deps.clock.now();
      if (!(await revokeSession.row(em, { sessionId, userId, reason: 'revoked', now }))) return;
      await this.deps.audit.record(em, caller, {
        action: 'session.revoked',
        targetType: 'session',
        targetId: sessionId,
        detail: { user: userId },
      });
    });
    await this.deps.projection.removeUnlessLive(userId);
  }

  /** Ends the caller's sessions and tokens but the one of the request; returns how many sessions. */
  async revokeOthers(caller: Caller): Promise<number> {
    const principal = signedIn(caller);
    return this.revokeMany(caller, principal.userId, principal);
  }

  /**
   * Ends every session and token of a user, the caller by default; returns how many sessions.
   * @throws AppError FORBIDDEN, USER_NOT_FOUND
   */
  async revokeAll(caller: Caller, userId?: string): Promise<number> {
    const principal = signedIn(caller);
    const owner = userId?.toLowerCase() ?? principal.userId;
    if (owner !== principal.userId && !principal.has('REVOKE_SESSIONS'))
      throw new AppError('FORBIDDEN', { needs: 'REVOKE_SESSIONS' });
    return this.revokeMany(caller, owner, null);
  }

  private async revokeMany(caller: Caller, userId: string, exempt: Principal | null): Promise<number> {
    const count = await inTransaction(this.deps.em, async (em) => {
      await this.authorize(em, caller, userId);
      const now = this.deps.clock.now();
      // compat tokens have no session: raising the version ends them as well
      await endTokensOfUsers.rows(em, { userIds: uuidArray([userId]), exemptTokenKey: exempt?.tokenKey ?? null, now });
      const exemptSessionId = exempt?.sessionId ?? null;
      const ended = await revokeSessionsOfUser.rows(em, { userId, exemptSessionId, reason: 'revoked', now });
      const live = ended.filter(({ was_live }) => was_live).length;
      await this.deps.audit.record(em, caller, {
        action: 'sessions.revoked',
        targetType: 'user',
        targetId: userId,
        detail: { count: live },
      });
      return live;
    });
    await this.deps.projection.removeUnlessLive(userId);
    return count;
  }

  /** Of another account, only by a caller with REVOKE_SESSIONS who holds all that the account holds. */
  private async authorize(em: SqlEntityManager, caller: Caller, userId: string): Promise<void> {
    const scope = userId === signedIn(caller).userId ? undefined : 'REVOKE_SESSIONS';
    const { principal, target } = await this.deps.authorization.lockTarget(em, caller, { userId, scope });
    if (scope !== undefined) requireScopesOf(principal, target.held);
  }
}

/** @param current id of the session that the request was made with */
const sessionView = (row: SessionRow, current: string | null): SessionView => ({
  id: row.id,
  userId: row.user_id,
  channel: row.channel,
  address: row.address,
  userAgent: row.user_agent,
  createdAt: new Date(row.created_at),
  lastSeenAt: new Date(row.last_seen_at),
  expiresAt: new Date(row.ends_at),
  current: row.id === current,
});

const CURSOR = 'used:';

const encodeCursor = ({ used_at, id }: { used_at: string; id: string }): string =>
  Buffer.from(`${CURSOR}${used_at} ${id}`).toString('base64url');

function decodeCursor(cursor: string): { afterUsedAt: string; afterId: string } {
  const [, usedAt, id = ''] =
    /^used:(\d{1,16}) ([\da-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (usedAt === undefined || !isUuid(id))
    throw new AppError('BAD_USER_INPUT', { detail: '"after" is not a cursor of this connection' });
  return { afterUsedAt: usedAt, afterId: id };
}
