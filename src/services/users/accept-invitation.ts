import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { acceptInvitationById, findInvitation } from '../../queries/invitations';
import type { PasswordHasher } from '../../security/passwords/password-hasher';
import type { PasswordPolicy } from '../../security/passwords/password-policy';
import { coversScopes } from '../../security/scopes';
import { normalizeText } from '../../security/text-limits';
import { tokenHash } from '../../security/tokens/access-tokens';
import type { AuditLog } from '../audit/audit-log';
import type { WriteAuthorization } from '../auth/write-authorization';
import type { Caller } from '../caller';
import { getCurrentScopes } from '../roles/current-scopes';
import type { RoleCache, RoleView } from '../roles/role-cache';
import { mapUniqueViolation } from '../unique-violation';
import { assertIdentifiersAvailable, reserveIdentifiers } from './identifiers';
import { insertUser } from './insert-user';
import { assertInvitationsAllowed, type Registration } from './registration';
import { validateNewUser } from './user-input';
import type { UserQueries } from './user-queries';
import type { UserView } from './user-view';

export interface AcceptInvitationDependencies {
  em: SqlEntityManager;
  users: UserQueries;
  roleCache: RoleCache;
  hasher: PasswordHasher;
  audit: AuditLog;
  authorization: WriteAuthorization;
  clock: Clock;
  passwords: PasswordPolicy;
  registration: Registration;
}

/**
 * Registers an invited user with the address of the invitation, which is proved by its mail, and
 * its roles, as far as they still exist. Its sender must still be allowed to send it, so that no
 * invitation of a disabled administrator is left to accept.
 * @throws AppError REGISTRATION_CLOSED, INVALID_LINK, USERNAME_TOO_SHORT, PASSWORD_TOO_SHORT,
 *   PASSWORD_TOO_COMMON, VALIDATION_FAILED, USERNAME_TAKEN, EMAIL_TAKEN
 */
export async function acceptInvitation(
  deps: AcceptInvitationDependencies,
  input: { token: string; username: string; password: string },
  caller: Caller,
): Promise<UserView> {
  assertInvitationsAllowed(deps.registration);
  const now = deps.clock.now();
  const invitation = await findInvitation.row(deps.em, { tokenHash: tokenHash(input.token), now });
  if (!invitation) throw new AppError('INVALID_LINK');
  const { id: invitationId, email } = invitation;
  const wanted = {
    username: normalizeText(input.username, 'username') ?? input.username,
    password: input.password,
    email,
  };
  await validateNewUser(wanted, { passwords: deps.passwords, now });
  await assertIdentifiersAvailable(deps.em, wanted);
  const password = await deps.hasher.hashYielding(wanted.password);
  const userId = await mapUniqueViolation(
    inTransaction(deps.em, async (em) => {
      const existing = [...(await deps.roleCache.all()).values()];
      const roles = existing.filter(({ name }) => invitation.roles.includes(name));
      const accepted = await acceptInvitationById.row(em, { id: invitationId, now });
      if (!accepted || !(await mayInvite(deps.authorization, em, { inviterId: accepted.invited_by, roles })))
        throw new AppError('INVALID_LINK');
      await reserveIdentifiers(em, wanted);
      const { id, username } = await insertUser(em, { input: wanted, password, roles, isVerified: true, now });
      await deps.audit.record(em, caller, {
        action: 'user.created',
        targetType: 'user',
        targetId: id,
        detail: { username, roles: roles.map(({ name }) => name), invitation: invitationId },
        actor: { id, name: username },
      });
      return id;
    }),
  );
  return deps.users.get(userId);
}

/** What `inviteUser` asked for, asked of the inviter again. */
async function mayInvite(
  authorization: WriteAuthorization,
  em: SqlEntityManager,
  { inviterId, roles }: { inviterId: string | null; roles: readonly RoleView[] },
): Promise<boolean> {
  if (inviterId === null) return false;
  const inviter = await authorization.findInitiator(em, inviterId, { givenRoleIds: roles.map(({ id }) => id) });
  const scopes = ['CREATE_USER', ...(roles.length > 0 ? ['ASSIGN_ROLE'] : []), ...(await getCurrentScopes(em, roles))];
  return inviter !== undefined && coversScopes(inviter.held, scopes);
}
