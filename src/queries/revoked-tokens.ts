import { sql, statement } from '../database/sql';

/** Puts a token on the deny list; of simultaneous calls exactly one returns a row. */
export const denyToken = statement<{ tokenKey: string; userId: string; now: Date; expiresAt: Date }, { key: string }>(
  'deny-token',
  ({ tokenKey, userId, now, expiresAt }) => sql`
    insert into revoked_tokens (key, user_id, revoked_at, expires_at)
    values (${tokenKey}, ${userId}, ${now}, ${expiresAt}) on conflict (key) do nothing returning key`,
);
