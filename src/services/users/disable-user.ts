import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { disableUserById, enableUserById } from '../../queries/users';
import { ADMIN_SCOPE } from '../../security/scopes';
import type { AuditLog } from '../audit/audit-log';
import type { AccountRevocation } from '../auth/account-revocation';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, requireScopesOf } from '../caller';
import type { SessionProjection } from '../sessions/session-projection';
import { requireAnotherAdministrator } from './last-administrator';
import type { UserQueries } from './user-queries';
import type { UserView } from './user-view';

export interface DisableUserDependencies {
  em: SqlEntityManager;
  users: UserQueries;
  revocation: AccountRevocation;
  projection: SessionProjection;
  audit: AuditLog;
  authorization: WriteAuthorization;
  clock: Clock;
}

/**
 * Disables an account and ends every token and session of it.
 * @throws AppError FORBIDDEN, USER_NOT_FOUND, LAST_ADMINISTRATOR
 */
export async function disableUser(deps: DisableUserDependencies, id: string, caller: Caller): Promise<UserView> {
  await inTransaction(deps.em, async (em) => {
    const { principal, target } = await deps.authorization.lockTarget(em, caller, {
      userId: id,
      scope: 'DISABLE_USER',
    });
    requireScopesOf(principal, target.held);
    if (target.held.has(ADMIN_SCOPE)) await requireAnotherAdministrator(em, id);
    if (!(await disableUserById.row(em, { id, now: deps.clock.now() }))) return;
    await deps.revocation.endAll(em, id, 'disabled');
    await deps.audit.record(em, caller, { action: 'user.disabled', targetType: 'user', targetId: id });
  });
  await deps.projection.removeUnlessLive(id);
  return deps.users.get(id);
}

/** Lets a disabled account log in again; what was ended stays ended. @throws AppError FORBIDDEN, USER_NOT_FOUND */
export async function enableUser(deps: DisableUserDependencies, id: string, caller: Caller): Promise<UserView> {
  await inTransaction(deps.em, async (em) => {
    const { principal, target } = await deps.authorization.lockTarget(em, caller, {
      userId: id,
      scope: 'DISABLE_USER',
    });
    requireScopesOf(principal, target.held);
    if (!(await enableUserById.row(em, { id, now: deps.clock.now() }))) return;
    await deps.audit.record(em, caller, { action: 'user.enabled', targetType: 'user', targetId: id });
  });
  return deps.users.get(id);
}
