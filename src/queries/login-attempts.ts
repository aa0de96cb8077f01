import { type Places, type Sql, sql, statement } from '../database/sql';

/** Why a login failed, as the history shows it. */
export type LoginFailure = 'unknown-user' | 'wrong-password' | 'disabled';

/** What the history keeps of an attempt to log in, never the password. */
export interface LoginAttemptValues {
  now: Date;
  /** As the client sent it, storable and at most 254 characters. */
  identifier: string;
  channel: string;
  address: string;
  userAgent: string | null;
}

const insertLoginAttempt = (at: Places<LoginAttemptValues>, userId: Sql, outcome: Sql): Sql => sql`
  insert into login_attempts (at, identifier, user_id, channel, address, user_agent, outcome)
  select ${at.now}::timestamptz, ${at.identifier}, ${userId}, ${at.channel}, ${at.address}, ${at.userAgent}, ${outcome}`;

/**
 * The attempt that succeeded, as part of the statement that lets the account in.
 * @param entered name of the part that returns the account's `id`, and no row when it may not enter
 */
export const insertSuccessfulLogin = (at: Places<LoginAttemptValues>, entered: Sql): Sql =>
  sql`${insertLoginAttempt(at, sql`id`, sql`'ok'`)} from ${entered}`;

/** Records an attempt that failed; `userId` is null where no account has the name. */
export const recordFailedLogin = statement<LoginAttemptValues & { userId: string | null; outcome: LoginFailure }>(
  'record-failed-login',
  (at) => insertLoginAttempt(at, sql`${at.userId}::uuid`, sql`${at.outcome}`),
);
