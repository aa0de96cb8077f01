import { sql, statement } from '../database/sql';

/** The address of an account, and whether it is proved. */
export const findAddress = statement<{ userId: string }, { email: string | null; is_verified: boolean }>(
  'find-address',
  ({ userId }) => sql`select email, is_verified from users where id = ${userId}`,
);

/** A code that came to this address sets the password, and proves the address as well. */
export const resetPassword = statement<
  { userId: string; email: string; hash: string; scheme: string },
  { username: string }
>(
  'reset-password',
  ({ userId, email, hash, scheme }) => sql`
    update users set password_hash = ${hash}, password_scheme = ${scheme}, is_verified = true
    where id = ${userId} and is_active and email = ${email} returning username`,
);

/** Nothing is returned when the account has another address by now. */
export const markVerified = statement<{ userId: string; email: string }, { id: string }>(
  'mark-verified',
  ({ userId, email }) => sql`
    update users set is_verified = true where id = ${userId} and email = ${email} returning id`,
);
