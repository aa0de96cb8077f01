import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRow } from '../../database/positional-sql';
import { prepare } from '../../database/prepared';
import { AppError } from '../../errors/app-error';
import { tokenHash } from '../../security/tokens/access-tokens';
import { ACCOUNT, type AccountRow, type AccountState, toAccountState } from '../../security/tokens/account-state';
import type { RefreshTokenClaims, RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { Caller } from '../caller';
import type { SessionService } from '../sessions/session.service';

export interface SessionSettings {
  /**
   * Seconds. A session that is not refreshed for `refreshTtl` is over, and any session after
   * `maxAge`.
   */
  refreshTtl: number;
  maxAge: number;
  /** For how long after its use a refresh token still gives its successor again. */
  grace: number;
}

/** The session a refresh token belongs to, and the refresh token to use next. */
export interface ContinuedSession {
  userId: string;
  sessionId: string;
  refreshToken: string;
  /** Seconds from now. */
  refreshExpiresIn: number;
  /**
   * The account, and when: as the statement saw it that opened or continued the session, where
   * there was one.
   */
  holder?: { account: AccountState; at: Date };
}

// The order decides the race with a revocation: the session row is locked first and must be live;
// then the parent must be unused; the child exists only if both hold. All in one statement. The
// account comes before its session, as in every other transaction: the child's foreign key would
// lock it afterwards, and a deletion that waits for the session would be a deadlock. The rows are
// named by subqueries, not joined: a plan that was made while the tables were small must not go
// through all sessions.
const ROTATE = prepare(
  'rotate-refresh-token',
  `with spent as materialized (
    select t.id, t.user_id, t.session_id from refresh_tokens t join users u on u.id = t.user_id
    where t.token = ? and t.consumed_at is null and t.expires_at > ? for key share of u
  ), live as (
    update sessions set last_seen_at = ?, idle_until = ?
    where id = (select session_id from spent) and revoked_at is null and idle_until > ? and expires_at > ? returning id
  ), parent as (
    update refresh_tokens set consumed_at = ?
    where id = (select id from spent) and consumed_at is null and (select id from live) is not null returning id
  ), child as (
    insert into refresh_tokens (id, user_id, session_id, token, parent_id, created_at, expires_at)
    select ?, spent.user_id, spent.session_id, ?, parent.id, ?, ? from parent, spent returning user_id
  )
  select ${ACCOUNT} from users u where u.id = (select user_id from child)`,
);

const TOUCH = prepare(
  'touch-session',
  `with used as materialized (
    select session_id, expires_at from refresh_tokens where token = ? and consumed_at is null and expires_at > ?
  ), live as (
    update sessions set last_seen_at = ?, idle_until = least(greatest(idle_until, ?), (select expires_at from used))
    where id = (select session_id from used) and channel = 'session' and revoked_at is null and idle_until > ? and expires_at > ?
    returning user_id
  )
  select ${ACCOUNT} from users u where u.id = (select user_id from live)`,
);

const SPENT = `
  select t.consumed_at, s.revoked_at, s.idle_until, s.expires_at, c.id as child_id, c.created_at as child_created_at, c.expires_at as child_expires_at
  from refresh_tokens t join sessions s on s.id = t.session_id left join refresh_tokens c on c.parent_id = t.id where t.token = ?`;

interface SpentRow {
  consumed_at: string | Date | null;
  revoked_at: string | Date | null;
  idle_until: string | Date;
  expires_at: string | Date;
  child_id: string | null;
  child_created_at: string | Date;
  child_expires_at: string | Date;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

export const holderOf = (row: AccountRow, at: Date): ContinuedSession['holder'] => ({
  account: toAccountState(row),
  at,
});

/** Opens sessions and continues them by their refresh tokens. */
export class RefreshTokenRotation {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly refreshTokens: RefreshTokens,
    private readonly sessions: SessionService,
    private readonly settings: SessionSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * What a login has to insert: ids, times and the refresh token, made before the statement that
   * decides.
   */
  async prepare(
    userId: string,
  ): Promise<
    ContinuedSession & { tokenId: string; tokenHash: string; now: Date; refreshExpiresAt: Date; expiresAt: Date }
  > {
    const now = this.clock.now();
    const sessionId = randomUUID();
    const tokenId = randomUUID();
    const { refreshToken, expiresAt: refreshExpiresAt } = await this.sign({ userId, sessionId, tokenId }, now);
    return {
      userId,
      sessionId,
      tokenId,
      refreshToken,
      tokenHash: tokenHash(refreshToken),
      refreshExpiresIn: this.settings.refreshTtl,
      refreshExpiresAt,
      now,
      expiresAt: new Date(now.getTime() + this.settings.maxAge * 1000),
    };
  }

  /**
   * Exchanges a refresh token for its one successor. Simultaneous callers, and a caller who lost
   * the answer, get the same successor for `grace` seconds; a later replay ends the session (RFC
   * 9700 section 4.14.2).
   * @throws AppError INVALID_REFRESH_TOKEN
   */
  async rotate(claims: RefreshTokenClaims, token: string, caller: Caller): Promise<ContinuedSession> {
    const now = this.clock.now();
    const childId = randomUUID();
    const child = await this.sign({ userId: claims.userId, sessionId: claims.sessionId, tokenId: childId }, now);
    const rotated = await sqlRow<AccountRow>(this.em, ROTATE, [
      tokenHash(token),
      now,
      now,
      child.expiresAt,
      now,
      now,
      now,
      childId,
      tokenHash(child.refreshToken),
      now,
      child.expiresAt,
    ]);
    const { refreshTtl } = this.settings;
    if (rotated)
      return {
        ...claims,
        refreshToken: child.refreshToken,
        refreshExpiresIn: refreshTtl,
        holder: holderOf(rotated, now),
      };
    return this.repeat(claims, token, caller, now);
  }

  /**
   * Continues a session and leaves the client its refresh token. @throws AppError
   * INVALID_REFRESH_TOKEN
   */
  async touch(claims: RefreshTokenClaims, token: string, caller: Caller): Promise<ContinuedSession> {
    const now = this.clock.now();
    const idleUntil = new Date(now.getTime() + this.settings.refreshTtl * 1000);
    const touched = await sqlRow<AccountRow>(this.em, TOUCH, [tokenHash(token), now, now, idleUntil, now, now]);
    if (!touched) {
      const spent = await sqlRow<SpentRow>(this.em, SPENT, [tokenHash(token)]);
      if (spent && this.isReuse(spent, now)) await this.sessions.endForReuse(claims, caller);
      throw new AppError('INVALID_REFRESH_TOKEN');
    }
    const refreshExpiresIn = Math.max(0, claims.expiresAt - seconds(now));
    return { ...claims, refreshToken: token, refreshExpiresIn, holder: holderOf(touched, now) };
  }

  /** Whether a refresh token could be used now, without using it. */
  async isUsable(token: string): Promise<boolean> {
    const now = this.clock.now();
    const row = await sqlRow(
      this.em,
      `select 1 from refresh_tokens t join sessions s on s.id = t.session_id where t.token = ? and t.consumed_at is null and t.expires_at > ?
       and s.revoked_at is null and s.idle_until > ? and s.expires_at > ?`,
      [tokenHash(token), now, now, now],
    );
    return row !== undefined;
  }

  private async repeat(
    claims: RefreshTokenClaims,
    token: string,
    caller: Caller,
    now: Date,
  ): Promise<ContinuedSession> {
    const spent = await sqlRow<SpentRow>(this.em, SPENT, [tokenHash(token)]);
    const sessionLives =
      spent && spent.revoked_at === null && new Date(spent.idle_until) > now && new Date(spent.expires_at) > now;
    if (!sessionLives || spent.consumed_at === null || spent.child_id === null)
      throw new AppError('INVALID_REFRESH_TOKEN');
    if (this.isReuse(spent, now)) {
      await this.sessions.endForReuse(claims, caller);
      throw new AppError('INVALID_REFRESH_TOKEN');
    }
    const issuedAt = seconds(new Date(spent.child_created_at));
    const expiresAt = seconds(new Date(spent.child_expires_at));
    const refreshToken = await this.refreshTokens.issue({ ...claims, tokenId: spent.child_id, issuedAt, expiresAt });
    return { ...claims, refreshToken, refreshExpiresIn: expiresAt - seconds(now) };
  }

  /**
   * Used again after its successor was made, and not by somebody who has only just lost the answer.
   */
  private isReuse({ consumed_at }: SpentRow, now: Date): boolean {
    return consumed_at !== null && now.getTime() - new Date(consumed_at).getTime() > this.settings.grace * 1000;
  }

  private async sign(
    of: { userId: string; sessionId: string; tokenId: string },
    now: Date,
  ): Promise<{ refreshToken: string; expiresAt: Date }> {
    const issuedAt = seconds(now);
    const expiresAt = issuedAt + this.settings.refreshTtl;
    const refreshToken = await this.refreshTokens.issue({ ...of, issuedAt, expiresAt });
    return { refreshToken, expiresAt: new Date(expiresAt * 1000) };
  }
}
