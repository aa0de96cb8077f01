import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../errors/app-error';
import { findStoredPassword } from '../../queries/users';
import type { PasswordHasher, StoredPassword } from '../../security/passwords/password-hasher';
import type { LoginLimiter } from '../../security/rate-limits/login-limiter';
import type { RefusalLog } from '../audit/refusal-log';
import { type Caller, signedIn } from '../caller';

export interface ConfirmPasswordDependencies {
  em: SqlEntityManager;
  hasher: PasswordHasher;
  limiter: LoginLimiter;
  refusals: RefusalLog;
}

/** The account whose password was confirmed, with the password as it is stored. */
export interface ConfirmedAccount {
  username: string;
  email: string | null;
  password: StoredPassword;
}

/**
 * Requires the caller's password, not only their token. Wrong ones count as failed logins; a missing
 * one does not.
 * @throws AppError USER_NOT_FOUND, INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function confirmPassword(
  { em, hasher, limiter, refusals }: ConfirmPasswordDependencies,
  currentPassword: string | null | undefined,
  caller: Caller,
): Promise<ConfirmedAccount> {
  const { userId } = signedIn(caller);
  if (!currentPassword) throw new AppError('INVALID_CREDENTIALS', { field: 'currentPassword' });
  const found = await findStoredPassword.row(em, { id: userId });
  if (!found) throw new AppError('USER_NOT_FOUND');
  const password = { hash: found.password_hash, scheme: found.password_scheme };
  await limiter.attempt({ target: { userId }, address: caller.address, isKnown: true }, async (succeeded) => {
    if (!(await hasher.verifyFirst(currentPassword, password))) {
      refusals.record(caller, { kind: 'password.wrong-current', operation: 'confirm' });
      throw new AppError('INVALID_CREDENTIALS', { field: 'currentPassword' });
    }
    await succeeded();
  });
  return { username: found.username, email: found.email, password };
}
