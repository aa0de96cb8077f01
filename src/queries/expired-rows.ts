import { type Sql, sql, statement } from '../database/sql';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const LOGIN_ATTEMPTS_KEPT_MS = 90 * DAY_MS;

const deleteExpired = (name: string, table: Sql, key: Sql, over: Sql) =>
  statement<{ before: Date }, { deleted: 1 }>(
    `delete-expired-${name}`,
    ({ before }) => sql`
      delete from ${table} where ${key} in (select ${key} from ${table} where ${over} < ${before} limit 1000)
      returning 1 as deleted`,
  );

/** Of keys whose successor signs; a process whose clock is behind may still sign with one. */
const forgetPrivateKeys = statement<{ before: Date }, { deleted: 1 }>(
  'forget-private-keys',
  ({ before }) => sql`
    update signing_keys set private_jwk = null from signing_keys as successor
    where successor.replaces = signing_keys.kid and successor.signs_from < ${before}
      and signing_keys.private_jwk is not null
    returning 1 as deleted`,
);

/**
 * What is deleted, a batch at a time, `keepMs` after the moment in a column that has an index: a
 * round reads nothing but what it deletes. Refresh tokens go with their sessions, or by themselves.
 */
export const expiryRules = {
  revoked_tokens: {
    keepMs: 0,
    deleteBatch: deleteExpired('revoked-tokens', sql`revoked_tokens`, sql`key`, sql`expires_at`),
  },
  refresh_tokens: {
    keepMs: DAY_MS,
    deleteBatch: deleteExpired('refresh-tokens', sql`refresh_tokens`, sql`id`, sql`expires_at`),
  },
  sessions: { keepMs: 30 * DAY_MS, deleteBatch: deleteExpired('sessions', sql`sessions`, sql`id`, sql`idle_until`) },
  one_time_codes: {
    keepMs: 0,
    deleteBatch: deleteExpired('one-time-codes', sql`one_time_codes`, sql`id`, sql`expires_at`),
  },
  login_attempts: {
    keepMs: LOGIN_ATTEMPTS_KEPT_MS,
    // those of a month that had no partition; months are dropped as a whole
    deleteBatch: deleteExpired('login-attempts', sql`login_attempts_default`, sql`id`, sql`at`),
  },
  known_clients: {
    keepMs: 180 * DAY_MS,
    deleteBatch: deleteExpired('known-clients', sql`known_clients`, sql`ctid`, sql`last_used_at`),
  },
  signing_keys: {
    keepMs: 90 * DAY_MS,
    deleteBatch: deleteExpired('signing-keys', sql`signing_keys`, sql`kid`, sql`retires_at`),
  },
  private_keys: { keepMs: HOUR_MS, deleteBatch: forgetPrivateKeys },
} as const;

/** The most rows that one `deleteBatch` deletes: so many that nothing waits for it. */
export const EXPIRY_BATCH = 1000;

/** Whether this process is the one that cleans up; held until the transaction ends. */
export const tryCleanUpLock = statement<{ lock: number }, { held: boolean }>(
  'try-clean-up-lock',
  ({ lock }) => sql`select pg_try_advisory_xact_lock(${lock}) as held`,
);
