import { type Places, type Sql, sql, statement } from '../database/sql';

/** Why a login failed, as the history shows it. */
export type LoginFailure = 'unknown-user' | 'wrong-password' | 'disabled';

/** What was refused to an account that is known, as the history shows it. */
export type RefusalOutcome =
  | 'access-denied'
  | 'token-rejected'
  | 'rate-limited'
  | 'wrong-current-password'
  | 'wrong-code';

/** What the history keeps of an attempt to log in, never the password. */
export interface LoginAttemptValues {
  now: Date;
  /** As the client sent it, storable and at most 254 characters. */
  identifier: string;
  channel: string;
  address: string;
  userAgent: string | null;
}

const insertLoginAttempt = (at: Places<LoginAttemptValues>, userId: Sql, outcome: Sql, count = sql`1`): Sql => sql`
  insert into login_attempts (at, identifier, user_id, channel, address, user_agent, outcome, count)
  select ${at.now}::timestamptz, ${at.identifier}, ${userId}, ${at.channel}, ${at.address}, ${at.userAgent},
    ${outcome}, ${count}`;

/**
 * The attempt that succeeded, as part of the statement of the login.
 * @param entered name of the part that returns the account's `id`, and no row when it may not enter
 */
export const insertSuccessfulLogin = (at: Places<LoginAttemptValues>, entered: Sql): Sql =>
  sql`${insertLoginAttempt(at, sql`id`, sql`'ok'`)} from ${entered}`;

/** Records an attempt that failed; `userId` is null where no account has the name. */
export const recordFailedLogin = statement<LoginAttemptValues & { userId: string | null; outcome: LoginFailure }>(
  'record-failed-login',
  (at) => insertLoginAttempt(at, sql`${at.userId}::uuid`, sql`${at.outcome}`),
);

/** Records a refused request of a known account, as often as it happened. */
export const recordRefusedLogin = statement<
  LoginAttemptValues & { userId: string; outcome: RefusalOutcome; count: number },
  { id: string }
>(
  'record-refused-login',
  (at) =>
    sql`${insertLoginAttempt(
      at,
      sql`${at.userId}::uuid`,
      sql`${at.outcome}`,
      sql`${at.count}::int`,
    )} returning id::text`,
);

/** Counts further refusals of the same kind in one row. */
export const addToLoginAttempt = statement<{ id: string; count: number }>(
  'add-to-login-attempt',
  ({ id, count }) => sql`update login_attempts set count = count + ${count}::int where id = ${id}::bigint`,
);
