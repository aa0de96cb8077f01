import { type Places, type Sql, sql, statement } from '../database/sql';
import { type AccountRow, accountColumns } from './account-state';
import { type ClientValues, insertKnownClient } from './known-clients';
import { insertSuccessfulLogin, type LoginAttemptValues } from './login-attempts';
import { microsecondsOf, momentAt } from './moments';

/** An account whose password was right, as it was then. */
interface Login extends LoginAttemptValues, ClientValues {
  userId: string;
  tokenVersion: number;
}

/**
 * The login of an account. The update locks the row of `users` and checks it again: no row when the
 * password was changed, or the account disabled, since the password was verified.
 */
const enter = (at: Places<Login>): Sql => sql`
  with entered as (
    update users set last_login_at = ${at.now}::timestamptz
    where id = ${at.userId} and is_active and token_version = ${at.tokenVersion}
    returning id, first_name, last_name, phone
  ), profile as (
    insert into user_profiles (user_id, full_name, phone, created_at, updated_at)
    select id, nullif(concat_ws(' ', first_name, last_name), ''), phone, ${at.now}, ${at.now} from entered
    on conflict (user_id) do nothing
  ), attempt as (
    ${insertSuccessfulLogin(at, sql`entered`)}
  ), known as (${insertKnownClient(at, sql`entered`)})`;

/** An account, and when the user logged in to the session that was opened or continued. */
export interface SessionAccountRow extends AccountRow {
  opened_at: Date | string;
}

/** As SessionAccountRow, of a login. */
export interface OpenedSessionRow extends SessionAccountRow {
  /** Whether the account has logged in before, and never from this network. */
  is_new_client: boolean;
}

interface NewSession extends Login {
  sessionId: string;
  idleUntil: Date;
  expiresAt: Date;
}

const open = (at: Places<NewSession>): Sql => sql`${enter(at)}, opened as (
    insert into sessions (id, user_id, channel, address, user_agent, created_at, last_seen_at, idle_until, expires_at)
    select ${at.sessionId}::uuid, id, ${at.channel}, ${at.address}, ${at.userAgent}, ${at.now}, ${at.now},
      ${at.idleUntil}::timestamptz, ${at.expiresAt}
    from entered returning id, user_id
  )`;

const openedAccount = (at: Places<NewSession>): Sql => sql`
  select ${accountColumns}, ${at.now}::timestamptz as opened_at,
    (select is_new from known) as is_new_client
  from entered join users u on u.id = entered.id`;

/** A login that opens a session; no row when the account may not enter any more. */
export const openSession = statement<NewSession, OpenedSessionRow>(
  'open-session',
  (at) => sql`${open(at)} ${openedAccount(at)}`,
);

/** As `openSession`, with the session's first refresh token. */
export const openRefreshableSession = statement<NewSession & { tokenId: string; tokenHash: string }, OpenedSessionRow>(
  'open-refreshable-session',
  (at) => sql`${open(at)}, token as (
    insert into refresh_tokens (id, user_id, session_id, token, created_at, expires_at)
    select ${at.tokenId}::uuid, user_id, id, ${at.tokenHash}, ${at.now}, ${at.idleUntil} from opened
  ) ${openedAccount(at)}`,
);

export interface SessionRow {
  id: string;
  user_id: string;
  channel: string;
  address: string | null;
  user_agent: string | null;
  created_at: string | Date;
  last_seen_at: string | Date;
  ends_at: string | Date;
}

const isLive = (now: Places<{ now: Date }>['now']): Sql =>
  sql`revoked_at is null and idle_until > ${now}::timestamptz and expires_at > ${now}`;

/**
 * A page of live sessions for each user, the last used first, after the place of another: its
 * `used_at` and id, or null for the first page. @param userIds as PostgreSQL reads an array:
 * `{id,id}`
 */
export const findLiveSessions = statement<
  { userIds: string; now: Date; afterUsedAt: string | null; afterId: string | null; limit: number },
  SessionRow & { used_at: string }
>(
  'find-live-sessions',
  ({ userIds, now, afterUsedAt, afterId, limit }) => sql`
    select page.* from unnest(${userIds}::uuid[]) as owner (id) cross join lateral (
      select id, user_id, channel, address, user_agent, created_at, last_seen_at,
        least(idle_until, expires_at) as ends_at,
        ${microsecondsOf(sql`last_seen_at`)} as used_at
      from sessions where user_id = owner.id and ${isLive(now)}
        and (${afterUsedAt}::bigint is null or (last_seen_at, id) < (${momentAt(afterUsedAt)}, ${afterId}::uuid))
      order by last_seen_at desc, id desc limit ${limit}
    ) as page order by page.user_id, page.last_seen_at desc, page.id desc`,
);

export const findSessionOwner = statement<{ sessionId: string }, { user_id: string }>(
  'find-session-owner',
  ({ sessionId }) => sql`select user_id from sessions where id = ${sessionId}`,
);

/** How many sessions are live. */
export const countLiveSessions = statement<{ now: Date }, { count: number }>(
  'count-live-sessions',
  ({ now }) => sql`select count(*)::int as count from sessions where ${isLive(now)}`,
);

/** One row when a session of the user is live. */
export const findLiveSession = statement<{ userId: string; now: Date }, { id: string }>(
  'find-live-session',
  ({ userId, now }) => sql`select id from sessions where user_id = ${userId} and ${isLive(now)} limit 1`,
);

interface Revocation {
  reason: string;
  now: Date;
}

/** Also of sessions that are over by themselves, which another process's clock may not show yet. */
const revoke = (at: Places<Revocation>, which: Sql): Sql => sql`
  update sessions set revoked_at = ${at.now}::timestamptz, revoke_reason = ${at.reason}
    where revoked_at is null and ${which}
  returning least(idle_until, expires_at) > ${at.now} as was_live`;

/** One row when this call has ended it. */
export const revokeSession = statement<Revocation & { sessionId: string; userId: string }, { was_live: boolean }>(
  'revoke-session',
  (at) => revoke(at, sql`id = ${at.sessionId} and user_id = ${at.userId}`),
);

/** All sessions of a user, except one where it is given. */
export const revokeSessionsOfUser = statement<
  Revocation & { userId: string; exemptSessionId: string | null },
  { was_live: boolean }
>('revoke-sessions-of-user', (at) =>
  revoke(at, sql`user_id = ${at.userId} and id is distinct from ${at.exemptSessionId}::uuid`),
);

/** What an account puts into the value `session:{user_id}` of the session contract. */
export interface SessionAccount {
  email: string | null;
  role: string | null;
  is_verified: boolean;
}

export interface SessionOwnerRow extends SessionAccount {
  user_id: string;
  last_activity: Date | string;
}

/** Columns of a SessionAccount, from `users u`. */
const sessionAccount = sql`u.email, u.is_verified, (select r.name from user_roles ur join roles r on r.id = ur.role_id
      where ur.user_id = u.id order by r.precedence, r.name limit 1) as role`;

/** Those of these sessions that are not revoked. @param ids as PostgreSQL reads an array: `{id,id}` */
export const findUnrevokedSessions = statement<{ ids: string }, SessionAccount & { id: string }>(
  'find-unrevoked-sessions',
  ({ ids }) => sql`select s.id, ${sessionAccount} from sessions s join users u on u.id = s.user_id
    where s.id = any(${ids}::uuid[]) and s.revoked_at is null`,
);

const owners = (now: Places<{ now: Date }>['now'], which: Sql): Sql => sql`
  select u.id as user_id, ${sessionAccount}, max(s.last_seen_at) as last_activity
  from sessions s join users u on u.id = s.user_id where ${isLive(now)} and ${which} group by u.id`;

/** The user, while one of their sessions is live. */
export const findSessionOwnerState = statement<{ userId: string; now: Date }, SessionOwnerRow>(
  'find-session-owner-state',
  ({ userId, now }) => owners(now, sql`u.id = ${userId}`),
);

/** Users with a live session that was used since then. */
export const findRecentSessionOwners = statement<{ since: Date; now: Date }, SessionOwnerRow>(
  'find-recent-session-owners',
  ({ since, now }) => owners(now, sql`s.last_seen_at > ${since}`),
);

/** Those of these users. @param userIds as PostgreSQL reads an array: `{id,id}` */
export const findRecentSessionOwnersAmong = statement<{ userIds: string; since: Date; now: Date }, SessionOwnerRow>(
  'find-recent-session-owners-among',
  ({ userIds, since, now }) => owners(now, sql`s.last_seen_at > ${since} and u.id = any(${userIds}::uuid[])`),
);

/** Users who hold a role and have a live session that was used since then. */
export const findRecentHolders = statement<{ roleId: string; since: Date; now: Date }, { user_id: string }>(
  'find-recent-holders',
  ({ roleId, since, now }) => sql`
    select user_id from user_roles ur where role_id = ${roleId} and exists (
      select from sessions s where s.user_id = ur.user_id and s.last_seen_at > ${since} and ${isLive(now)})`,
);

/** Users who lost a session, or were deleted, since then. */
export const findFormerSessionOwners = statement<{ since: Date }, { user_id: string }>(
  'find-former-session-owners',
  ({ since }) => sql`
    select distinct user_id::text from sessions where revoked_at > ${since}
    union select target_id from audit_events where action = 'user.deleted' and at > ${since}`,
);

/** Keeps a session from being revoked until the transaction ends. */
export const lockSessionAsIs = statement<{ sessionId: string }, { id: string }>(
  'lock-session-as-is',
  ({ sessionId }) => sql`select id from sessions where id = ${sessionId} for share`,
);
