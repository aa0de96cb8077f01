import { sql, statement } from '../database/sql';
import { accountColumns } from './account-state';
import type { SessionAccountRow } from './sessions';

/** A refresh token that could not be used: what became of it, of its session, and of its successor. */
export interface ConsumedTokenRow extends SessionAccountRow {
  consumed_at: string | Date | null;
  /** Whether the session is. */
  is_live: boolean;
  last_seen_at: string | Date;
  child_id: string | null;
  child_hash: string | null;
  child_created_at: string | Date;
  child_expires_at: string | Date;
}

/**
 * Exchanges a refresh token for its one successor, and continues its session; no row when either is
 * over.
 *
 * The order decides the race with a revocation: the session row is locked first and must be live;
 * then the parent must be unused; the child exists only if both hold. The account comes before its
 * session, as in every other transaction: the child's foreign key would lock it afterwards, and a
 * deletion that waits for the session would be a deadlock. The rows are named by subqueries, not
 * joined: a plan that was made while the tables were small must not go through all sessions.
 *
 * A PostgreSQL that hung runs what it was sent before: the grace then begins when the parent is really
 * used, or a client that had no answer would be taken for a thief. More than ten minutes are a
 * difference of clocks.
 * @param sentAt by the clock of the machine
 */
export const rotateRefreshToken = statement<
  { tokenHash: string; childId: string; childHash: string; childExpiresAt: Date; now: Date; sentAt: Date },
  SessionAccountRow
>(
  'rotate-refresh-token',
  ({ tokenHash, childId, childHash, childExpiresAt, now, sentAt }) => sql`
  with presented as materialized (
    select t.id, t.user_id, t.session_id from refresh_tokens t join users u on u.id = t.user_id
    where t.token = ${tokenHash} and t.consumed_at is null and t.expires_at > ${now}::timestamptz for key share of u
  ), live as (
    update sessions set last_seen_at = ${now}, idle_until = ${childExpiresAt}::timestamptz
    where id = (select session_id from presented) and revoked_at is null and idle_until > ${now} and expires_at > ${now}
    returning id, created_at
  ), parent as (
    update refresh_tokens set consumed_at = ${now}::timestamptz + case
      when clock_timestamp() - ${sentAt}::timestamptz between interval '4 seconds' and interval '10 minutes'
      then clock_timestamp() - ${sentAt}::timestamptz else interval '0' end
    where id = (select id from presented) and consumed_at is null and (select id from live) is not null returning id
  ), child as (
    insert into refresh_tokens (id, user_id, session_id, token, parent_id, created_at, expires_at)
    select ${childId}::uuid, presented.user_id, presented.session_id, ${childHash}, parent.id, ${now}, ${childExpiresAt}
    from parent, presented returning user_id
  )
  select ${accountColumns}, (select created_at from live) as opened_at
  from users u where u.id = (select user_id from child)`,
);

/** Continues the session of a refresh token that the client keeps; no row when either is over. */
export const touchSession = statement<{ tokenHash: string; idleUntil: Date; now: Date }, SessionAccountRow>(
  'touch-session',
  ({ tokenHash, idleUntil, now }) => sql`
  with presented as materialized (
    select session_id, expires_at from refresh_tokens
    where token = ${tokenHash} and consumed_at is null and expires_at > ${now}::timestamptz
  ), live as (
    update sessions
    set last_seen_at = ${now}, idle_until = least(greatest(idle_until, ${idleUntil}::timestamptz), (select expires_at
      from presented))
    where id = (select session_id from presented) and channel = 'session' and revoked_at is null
      and idle_until > ${now} and expires_at > ${now}
    returning user_id, created_at
  )
  select ${accountColumns}, (select created_at from live) as opened_at
  from users u where u.id = (select user_id from live)`,
);

export const findConsumedToken = statement<{ tokenHash: string; now: Date }, ConsumedTokenRow>(
  'find-consumed-token',
  ({ tokenHash, now }) => sql`
    select ${accountColumns}, s.created_at as opened_at, s.last_seen_at, t.consumed_at,
      s.revoked_at is null and s.idle_until > ${now}::timestamptz and s.expires_at > ${now} as is_live,
      c.id as child_id, c.token as child_hash, c.created_at as child_created_at, c.expires_at as child_expires_at
    from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = t.user_id
      left join refresh_tokens c on c.parent_id = t.id
    where t.token = ${tokenHash}`,
);

/** The state of a refresh token, for its account. */
export interface RefreshTokenStateRow {
  is_active: boolean;
  is_consumed: boolean;
  /** Null, as the next, when token and session are deleted. */
  is_expired: boolean | null;
  is_session_live: boolean | null;
}

/** No row when the account does not exist. */
export const findRefreshTokenState = statement<{ tokenHash: string; userId: string; now: Date }, RefreshTokenStateRow>(
  'find-refresh-token-state',
  ({ tokenHash, userId, now }) => sql`
    select u.is_active, t.consumed_at is not null as is_consumed, t.expires_at <= ${now}::timestamptz as is_expired,
      s.revoked_at is null and s.idle_until > ${now} and s.expires_at > ${now} as is_session_live
    from users u left join refresh_tokens t on t.token = ${tokenHash} and t.user_id = u.id
      left join sessions s on s.id = t.session_id
    where u.id = ${userId}::uuid`,
);
