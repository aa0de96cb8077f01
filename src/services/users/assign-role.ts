import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { inTransaction } from '../../database/transaction';
import type { AuditLog } from '../audit/audit-log';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, requireScopesOf } from '../caller';
import { getCurrentScopes } from '../roles/current-scopes';
import type { RoleCache, RoleView } from '../roles/role-cache';
import type { SessionProjection } from '../sessions/session-projection';
import { getAccountState } from './account-state';
import { addRole, removeRole } from './role-assignments';
import type { UserQueries } from './user-queries';
import type { UserView } from './user-view';

export interface AssignRoleDependencies {
  em: SqlEntityManager;
  users: UserQueries;
  roleCache: RoleCache;
  audit: AuditLog;
  authorization: WriteAuthorization;
  projection: SessionProjection;
}

/** A user and the name of a role. */
export interface UserRoleInput {
  userId: string;
  role: string;
}

/**
 * Gives a user a role; the caller needs ASSIGN_ROLE and every scope of role and user.
 * @throws AppError FORBIDDEN, USER_NOT_FOUND, ROLE_NOT_FOUND
 */
export function assignRole(deps: AssignRoleDependencies, input: UserRoleInput, caller: Caller): Promise<UserView> {
  return changeRole(deps, input, { caller, action: 'user.role-assigned', apply: addRole });
}

/**
 * Takes a role from a user; the caller needs ASSIGN_ROLE and every scope of role and user.
 * @throws AppError FORBIDDEN, USER_NOT_FOUND, ROLE_NOT_FOUND, LAST_ADMINISTRATOR
 */
export function unassignRole(deps: AssignRoleDependencies, input: UserRoleInput, caller: Caller): Promise<UserView> {
  return changeRole(deps, input, { caller, action: 'user.role-unassigned', apply: removeRole });
}

interface RoleChange {
  caller: Caller;
  action: string;
  apply(em: SqlEntityManager, userId: string, role: RoleView): Promise<void>;
}

async function changeRole(
  { em, users, roleCache, audit, authorization, projection }: AssignRoleDependencies,
  { userId, role: name }: UserRoleInput,
  { caller, action, apply }: RoleChange,
): Promise<UserView> {
  await getAccountState(em, userId);
  const [role] = (await roleCache.getNamed([name])) as [RoleView];
  await inTransaction(em, async (tx) => {
    const rights = { userId, scope: 'ASSIGN_ROLE', givenRoleIds: [role.id] };
    const { principal, target } = await authorization.lockTarget(tx, caller, rights);
    requireScopesOf(principal, [...target.held, ...(await getCurrentScopes(tx, [role]))]);
    await apply(tx, userId, role);
    await audit.record(tx, caller, { action, targetType: 'user', targetId: userId, detail: { role: name } });
  });
  await projection.update([userId]);
  return users.get(userId);
}
