import type { Client } from 'pg';

/**
 * For accounts that the file has disabled or given another password: every token, session, code and
 * gateway credential of theirs dies with the commit, as when a service does it
 * (src/services/account-revocation.ts, which does one account at a time).
 */
export async function endAccess(client: Client, ids: readonly string[], reason: string, now: Date): Promise<void> {
  await client.query(
    'update users set token_version = token_version + 1, tokens_valid_after = $2, exempt_token_key = null where id = any($1::uuid[])',
    [ids, now],
  );
  await client.query(
    'update sessions set revoked_at = $2, revoke_reason = $3 where user_id = any($1::uuid[]) and revoked_at is null',
    [ids, now, reason],
  );
  await client.query('delete from one_time_codes where user_id = any($1::uuid[])', [ids]);
  await client.query(
    'update kong_credentials set revoked_at = $2 where user_id = any($1::uuid[]) and revoked_at is null',
    [ids, now],
  );
}
