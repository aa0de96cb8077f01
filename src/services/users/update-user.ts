import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { User } from '../../entities';
import { AppError } from '../../errors/app-error';
import { setPassword } from '../../queries/users';
import type { PasswordHasher, StoredPassword } from '../../security/passwords/password-hasher';
import type { PasswordPolicy } from '../../security/passwords/password-policy';
import type { Principal } from '../../security/principal';
import { roleScope } from '../../security/scopes';
import type { AccountState } from '../../security/tokens/account-state';
import type { AuditLog } from '../audit/audit-log';
import type { AccountRevocation } from '../auth/account-revocation';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, changesOwnCredentialsFreely, requireScope, requireScopesOf, signedIn } from '../caller';
import type { AccountMails } from '../recovery/account-mails';
import { getCurrentScopes } from '../roles/current-scopes';
import type { RoleCache, RoleView } from '../roles/role-cache';
import type { SessionProjection } from '../sessions/session-projection';
import { mapUniqueViolation } from '../unique-violation';
import { getAccountState } from './account-state';
import { type ConfirmPasswordDependencies, confirmPassword } from './confirm-password';
import { reserveIdentifiers } from './identifiers';
import { addRole, removeRole } from './role-assignments';
import { storedText, type UpdateUserInput, validateUserChange } from './user-input';
import type { UserQueries } from './user-queries';
import type { UserView } from './user-view';

export interface UpdateUserDependencies extends ConfirmPasswordDependencies {
  em: SqlEntityManager;
  users: UserQueries;
  roleCache: RoleCache;
  hasher: PasswordHasher;
  revocation: AccountRevocation;
  projection: SessionProjection;
  audit: AuditLog;
  authorization: WriteAuthorization;
  mails: AccountMails;
  clock: Clock;
  passwords: PasswordPolicy;
}

/** What a change writes, with its password hashed and its roles found. */
interface Change {
  input: UpdateUserInput;
  password: StoredPassword | undefined;
  roles: readonly RoleView[] | undefined;
}

/**
 * Users change themselves. Others need UPDATE_USER, and for password, e-mail and roles every scope
 * that the user holds.
 * @throws AppError FORBIDDEN, USER_NOT_FOUND, INVALID_CREDENTIALS, PASSWORD_TOO_SHORT,
 *   PASSWORD_TOO_COMMON, AGE_TOO_LOW, VALIDATION_FAILED, EMAIL_TAKEN, ROLE_NOT_FOUND,
 *   LAST_ADMINISTRATOR
 */
export async function updateUser(
  deps: UpdateUserDependencies,
  input: UpdateUserInput,
  caller: Caller,
): Promise<UserView> {
  const principal = signedIn(caller);
  const isOwn = principal.userId === input.id;
  if (input.roles) requireScope(caller, 'ASSIGN_ROLE');
  const target = await getAccountState(deps.em, input.id);
  // a token may hold less than its own account does: a role that was added since
  const needsScopesOfTarget = !isOwn && changesAccess(input);
  if (needsScopesOfTarget) requireScopesOf(principal, target.held);
  await validateUserChange(input, target, {
    passwords: deps.passwords,
    setsPassword: !isOwn || changesOwnCredentialsFreely(caller),
    now: deps.clock.now(),
  });
  if (isOwn && !changesOwnCredentialsFreely(caller) && changesEmail(input, target))
    await confirmPassword(deps, input.currentPassword, caller);
  const change = {
    input,
    password: input.password ? await deps.hasher.hash(input.password) : undefined,
    roles: input.roles ? await deps.roleCache.getNamed(input.roles) : undefined,
  };
  const changed = await mapUniqueViolation(
    inTransaction(deps.em, async (em) => {
      const locked = await deps.authorization.lockTarget(em, caller, {
        userId: input.id,
        scope: isOwn ? undefined : 'UPDATE_USER',
        givenRoleIds: (change.roles ?? []).map(({ id: roleId }) => roleId),
      });
      if (input.roles) requireScopesOf(locked.principal, ['ASSIGN_ROLE']);
      if (needsScopesOfTarget) requireScopesOf(locked.principal, locked.target.held);
      const written = await writeChange(deps, em, { ...change, ...locked });
      await deps.audit.record(em, caller, {
        action: 'user.updated',
        targetType: 'user',
        targetId: input.id,
        detail: { changed: written },
      });
      const emails = { formerEmail: locked.target.email, email: storedText(input.email) };
      await addNotices(deps.mails, em, { changed: written, ...emails }, caller);
      return written;
    }),
  );
  if (change.password) await deps.projection.removeUnlessLive(input.id);
  if (changed.includes('email') || changed.includes('roles')) await deps.projection.update([input.id]);
  return deps.users.get(input.id);
}

/** Tells the owner about a new password, and both addresses about a new address. */
async function addNotices(
  mails: AccountMails,
  em: SqlEntityManager,
  { changed, formerEmail, email }: { changed: readonly string[]; formerEmail: string | null; email: string | null },
  caller: Caller,
): Promise<void> {
  const isMoved = changed.includes('email');
  if (isMoved) await mails.addNotice(em, { notice: 'email-changed', to: [formerEmail, email] }, caller);
  if (changed.includes('password'))
    await mails.addNotice(em, { notice: 'password-changed', to: [isMoved ? email : formerEmail] }, caller);
}

/** Whether the change gives its author a way into the account. */
const changesAccess = ({ password, email, roles }: UpdateUserInput): boolean =>
  Boolean(password) || email !== undefined || Boolean(roles);

const changesEmail = ({ email }: UpdateUserInput, target: AccountState): boolean =>
  email !== undefined && storedText(email) !== target.email;

/** @returns the names of the members that have changed */
async function writeChange(
  { clock, revocation, roleCache }: UpdateUserDependencies,
  em: SqlEntityManager,
  { input, password, roles, principal, target }: Change & { principal: Principal; target: AccountState },
): Promise<string[]> {
  const { id } = input;
  if (input.email) await reserveIdentifiers(em, { username: null, email: storedText(input.email), except: id });
  const changed = await writeFields(em, input, { target, now: clock.now() });
  if (password) {
    await setPassword.rows(em, { id, ...password });
    await revocation.endAll(em, id, 'password changed', principal);
    changed.push('password');
  }
  if (roles) {
    const removed = await roleCache.getNamed(target.roles.filter((name) => !roles.some((role) => role.name === name)));
    const added = roles.filter(({ name }) => !target.roles.includes(name));
    const scopes = await getCurrentScopes(em, added);
    requireScopesOf(principal, [...scopes, ...removed.map(({ name }) => roleScope(name))]);
    for (const role of added) await addRole(em, id, role);
    for (const role of removed) await removeRole(em, id, role);
    if (added.length + removed.length > 0) changed.push('roles');
  }
  return changed;
}

async function writeFields(
  em: SqlEntityManager,
  input: UpdateUserInput,
  { target, now }: { target: AccountState; now: Date },
): Promise<string[]> {
  const user = await em.findOneOrFail(User, { id: input.id }, { failHandler: () => new AppError('USER_NOT_FOUND') });
  const changed: string[] = [];
  for (const field of ['firstName', 'lastName', 'phone', 'email', 'dob'] as const) {
    if (input[field] === undefined) continue;
    const value = storedText(input[field]);
    if (user[field] === value) continue;
    user[field] = value;
    changed.push(field);
  }
  // a new address is not verified; another spelling of the same one is
  if (changed.includes('email') && storedText(input.email)?.toLowerCase() !== target.email?.toLowerCase())
    user.isVerified = false;
  if (changed.length > 0) user.updatedAt = now;
  await em.flush();
  return changed;
}
