import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { insertInvitation } from '../../queries/invitations';
import type { AuditLog } from '../audit/audit-log';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, requireScope, requireScopesOf } from '../caller';
import type { AccountMails } from '../recovery/account-mails';
import { getCurrentScopes } from '../roles/current-scopes';
import type { RoleCache } from '../roles/role-cache';
import { Validation } from '../validation';
import { assertIdentifiersAvailable } from './identifiers';
import { assertInvitationsAllowed, type Registration } from './registration';
import { storedText } from './user-input';

const INVITATION_LIFE_MS = 7 * 86_400_000;

export interface InviteUserDependencies {
  em: SqlEntityManager;
  roleCache: RoleCache;
  mails: AccountMails;
  audit: AuditLog;
  authorization: WriteAuthorization;
  registration: Registration;
  clock: Clock;
}

export interface InvitationView {
  id: string;
  email: string;
  roles: string[];
  expiresAt: Date;
}

/**
 * Mails an invitation, which is valid for seven days. The caller needs CREATE_USER, and for roles
 * ASSIGN_ROLE and every scope of them.
 * @throws AppError FORBIDDEN, REGISTRATION_CLOSED, VALIDATION_FAILED, EMAIL_TAKEN, ROLE_NOT_FOUND
 */
export async function inviteUser(
  deps: InviteUserDependencies,
  input: { email: string; roles?: readonly string[] | null },
  caller: Caller,
): Promise<InvitationView> {
  requireScope(caller, 'CREATE_USER');
  assertInvitationsAllowed(deps.registration);
  if (input.roles?.length) requireScope(caller, 'ASSIGN_ROLE');
  const check = new Validation();
  if (input.email === '') check.add('email', 'EMAIL_INVALID');
  check.email(input.email);
  check.check();
  const email = storedText(input.email)!;
  const roles = await deps.roleCache.getNamed(input.roles ?? []);
  await assertIdentifiersAvailable(deps.em, { username: null, email });
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + INVITATION_LIFE_MS);
  const names = roles.map(({ name }) => name);
  return inTransaction(deps.em, async (em) => {
    const rights = { scope: 'CREATE_USER', givenRoleIds: roles.map(({ id }) => id) };
    const principal = await deps.authorization.authorizeAgain(em, caller, rights);
    if (roles.length > 0) requireScopesOf(principal, ['ASSIGN_ROLE', ...(await getCurrentScopes(em, roles))]);
    const row = await insertInvitation.row(em, {
      email,
      roles: JSON.stringify(names),
      invitedBy: principal.userId,
      now,
      expiresAt,
    });
    const { id } = row!;
    await deps.mails.addInvitation(em, id, caller);
    await deps.audit.record(em, caller, { action: 'user.invited', detail: { email, roles: names } });
    return { id, email, roles: names, expiresAt };
  });
}
