import { inTransaction } from '../../database/transaction';
import { type Caller, requireScopesOf } from '../caller';
import { getLockedRole, getPermissionsNamed, requireScopesOfRole } from './locked-role';
import type { RoleView } from './role-cache';
import { getChangedRole, type RoleDependencies, type RoleInput, validateRole } from './role-input';

/**
 * The caller needs UPDATE_ROLE and every scope that the role carries, before and after.
 * @throws AppError FORBIDDEN, VALIDATION_FAILED, ROLE_NOT_FOUND, PERMISSION_NOT_FOUND
 */
export async function updateRole(
  { em, roleCache, audit, authorization, projection }: RoleDependencies,
  input: RoleInput,
  caller: Caller,
): Promise<RoleView> {
  validateRole(input);
  const movedHolders = await inTransaction(em, async (tx) => {
    const principal = await authorization.authorizeAgain(tx, caller, {
      scope: 'UPDATE_ROLE',
      changedRole: input.name,
    });
    const role = await getLockedRole(tx, input.name);
    await requireScopesOfRole(tx, principal, role);
    if (input.description !== undefined) role.description = input.description || null;
    const precedence = input.precedence ?? role.precedence;
    const isMoved = precedence !== role.precedence;
    role.precedence = precedence;
    if (input.permissions) {
      requireScopesOf(principal, input.permissions);
      role.permissions.set(await getPermissionsNamed(tx, input.permissions));
    }
    await tx.flush();
    await audit.record(tx, caller, {
      action: 'role.updated',
      targetType: 'role',
      targetId: role.name,
      detail: { permissions: role.permissions.getItems().map(({ name }) => name) },
    });
    return isMoved ? projection.findRecentHolders(tx, role.id) : [];
  });
  await projection.update(movedHolders);
  return getChangedRole(roleCache, input.name);
}
