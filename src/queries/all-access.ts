import { sql, statement } from '../database/sql';

/**
 * Ends every token, session, code and Kong credential of every account, with an audit event that has no actor.
 * Each row names an account that had a session which was not revoked.
 */
export const endAllAccess = statement<{ reason: string; now: Date }, { user_id: string }>(
  'end-all-access',
  ({ reason, now }) => sql`
    with tokens as (
      update users set token_version = token_version + 1, tokens_valid_after = ${now}::timestamptz,
        exempt_token_key = null
    ), codes as (
      delete from one_time_codes
    ), kong as (
      update kong_credentials set revoked_at = ${now} where revoked_at is null
    ), ended as (
      update sessions set revoked_at = ${now}, revoke_reason = ${reason} where revoked_at is null returning user_id
    ), event as (
      insert into audit_events (at, action, detail)
      values (${now}, 'sessions.revoked', jsonb_build_object('reason', ${reason}::text))
    )
    select distinct user_id from ended`,
);
