import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { replacePassword } from '../../queries/users';
import type { PasswordPolicy } from '../../security/passwords/password-policy';
import type { AuditLog } from '../audit/audit-log';
import type { AccountRevocation } from '../auth/account-revocation';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, signedIn } from '../caller';
import type { AccountMails } from '../recovery/account-mails';
import type { SessionProjection } from '../sessions/session-projection';
import { assertPasswordAcceptable } from '../validation';
import { type ConfirmPasswordDependencies, confirmPassword } from './confirm-password';

export interface ChangePasswordDependencies extends ConfirmPasswordDependencies {
  revocation: AccountRevocation;
  projection: SessionProjection;
  audit: AuditLog;
  authorization: WriteAuthorization;
  mails: AccountMails;
  passwords: PasswordPolicy;
}

/**
 * Changes the caller's own password. Every token and session of the account ends, except the one
 * that makes the change.
 * @throws AppError INVALID_CREDENTIALS, PASSWORD_TOO_SHORT, PASSWORD_TOO_COMMON, VALIDATION_FAILED,
 *   RATE_LIMITED
 */
export async function changePassword(
  deps: ChangePasswordDependencies,
  input: { currentPassword: string; newPassword: string },
  caller: Caller,
): Promise<void> {
  const principal = signedIn(caller);
  const { userId } = principal;
  const { username, email, password } = await confirmPassword(deps, input.currentPassword, caller);
  await assertPasswordAcceptable(deps.passwords, input.newPassword, [username, email]);
  const hashed = await deps.hasher.hash(input.newPassword);
  await inTransaction(deps.em, async (em) => {
    await deps.authorization.lockTarget(em, caller, { userId });
    // of two simultaneous changes the one whose current password is still in force wins
    const replaced = await replacePassword.row(em, { id: userId, ...hashed, formerHash: password.hash });
    if (!replaced) throw new AppError('INVALID_CREDENTIALS', { field: 'currentPassword' });
    await deps.revocation.endAll(em, userId, 'password changed', principal);
    await deps.audit.record(em, caller, { action: 'password.changed', targetType: 'user', targetId: userId });
    await deps.mails.addNotice(em, { notice: 'password-changed', to: [email] }, caller);
  });
  await deps.projection.removeUnlessLive(userId);
}
