import { type Places, type Sql, sql, statement } from '../database/sql';
import { accountColumns } from './account-state';
import type { SessionAccountRow } from './sessions';

interface DeniedToken {
  tokenKey: string;
  userId: string;
  now: Date;
  /** When it can be neither used nor refreshed any more. */
  keptUntil: Date;
}

/** Puts a token on the deny list: of simultaneous statements exactly one inserts a row. */
const deny = (at: Places<DeniedToken>, sessionId: Sql, source: Sql): Sql => sql`
  insert into revoked_tokens (key, user_id, session_id, revoked_at, expires_at)
  select ${at.tokenKey}, ${at.userId}::uuid, ${sessionId}, ${at.now}::timestamptz, ${at.keptUntil}::timestamptz
  ${source} on conflict (key) do nothing returning user_id`;

export const denyToken = statement<DeniedToken>('deny-token', (at) => deny(at, sql`null::uuid`, sql``));

/**
 * Exchanges a compat token: the row in the deny list decides which of simultaneous refreshes wins
 * and ends the token, then its session is continued. No row when the token was exchanged before, or
 * its session is over, or it names another account.
 */
export const continueCompatSession = statement<
  DeniedToken & { subject: string; sessionId: string; idleUntil: Date },
  SessionAccountRow
>(
  'continue-compat-session',
  (at) => sql`
  with denied as (
    ${deny(
      at,
      sql`s.id`,
      sql`from sessions s join users u on u.id = s.user_id
        where s.id = ${at.sessionId}::uuid and u.id = ${at.userId}::uuid and ${at.subject}::text in (u.username,
          u.id::text)
          and s.revoked_at is null and s.idle_until > ${at.now}::timestamptz and s.expires_at > ${at.now}::timestamptz`,
    )}
  ), live as (
    update sessions set last_seen_at = ${at.now}, idle_until = ${at.idleUntil}
    where id = ${at.sessionId} and (select user_id from denied) is not null
      and revoked_at is null and idle_until > ${at.now} and expires_at > ${at.now}
    returning user_id, created_at
  )
  select ${accountColumns}, (select created_at from live) as opened_at
  from users u where u.id = (select user_id from live)`,
);

/**
 * Exchanges a compat token of an earlier service, and opens the session that it never had. No row
 * when it was exchanged before, or the account has changed since the token was verified.
 */
export const openCompatSession = statement<
  DeniedToken & {
    tokenVersion: number;
    sessionId: string;
    channel: string;
    address: string;
    userAgent: string | null;
    openedAt: Date;
    idleUntil: Date;
    expiresAt: Date;
  },
  SessionAccountRow
>(
  'open-compat-session',
  (at) => sql`
  with holder as materialized (
    select id from users where id = ${at.userId} and is_active and token_version = ${at.tokenVersion} for share
  ), denied as (
    ${deny(at, sql`${at.sessionId}::uuid`, sql`from holder`)}
  ), opened as (
    insert into sessions (id, user_id, channel, address, user_agent, created_at, last_seen_at, idle_until, expires_at)
    select ${at.sessionId}::uuid, user_id, ${at.channel}, ${at.address}, ${at.userAgent},
      ${at.openedAt}::timestamptz, ${at.now}, ${at.idleUntil}, ${at.expiresAt}
    from denied returning user_id
  )
  select ${accountColumns}, ${at.openedAt}::timestamptz as opened_at
  from users u where u.id = (select user_id from opened)`,
);

/** When a token was put on the deny list, and the session that its refresh continued. */
export const findDeniedToken = statement<
  { tokenKey: string },
  { user_id: string; session_id: string | null; revoked_at: Date | string }
>(
  'find-denied-token',
  ({ tokenKey }) => sql`select user_id, session_id, revoked_at from revoked_tokens where key = ${tokenKey}`,
);
