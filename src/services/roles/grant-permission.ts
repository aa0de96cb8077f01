import { inTransaction } from '../../database/transaction';
import type { Permission, Role } from '../../entities';
import { type Caller, requireScopesOf } from '../caller';
import { getLockedRole, getPermissionsNamed, requireScopesOfRole } from './locked-role';
import type { RoleView } from './role-cache';
import { getChangedRole, type RoleDependencies } from './role-input';

/** Names of a role and of a permission. */
export interface RolePermissionInput {
  role: string;
  permission: string;
}

/**
 * Puts a permission into a role; the caller needs GRANT_PERMISSION and every scope of both.
 * @throws AppError FORBIDDEN, ROLE_NOT_FOUND, PERMISSION_NOT_FOUND
 */
export function grantPermission(deps: RoleDependencies, input: RolePermissionInput, caller: Caller): Promise<RoleView> {
  const apply = (role: Role, permission: Permission) => role.permissions.add(permission);
  return changePermission(deps, input, { caller, action: 'role.permission-granted', apply });
}

/**
 * Takes a permission out of a role, and from its holders' tokens at once; the caller needs
 * GRANT_PERMISSION and every scope of both.
 * @throws AppError FORBIDDEN, ROLE_NOT_FOUND, PERMISSION_NOT_FOUND
 */
export function revokePermission(
  deps: RoleDependencies,
  input: RolePermissionInput,
  caller: Caller,
): Promise<RoleView> {
  const apply = (role: Role, permission: Permission) => role.permissions.remove(permission);
  return changePermission(deps, input, { caller, action: 'role.permission-revoked', apply });
}

interface PermissionChange {
  caller: Caller;
  action: string;
  apply(role: Role, permission: Permission): unknown;
}

async function changePermission(
  { em, roleCache, audit, authorization }: RoleDependencies,
  input: RolePermissionInput,
  { caller, action, apply }: PermissionChange,
): Promise<RoleView> {
  await inTransaction(em, async (tx) => {
    const principal = await authorization.authorizeAgain(tx, caller, {
      scope: 'GRANT_PERMISSION',
      changedRole: input.role,
    });
    const role = await getLockedRole(tx, input.role);
    const [permission] = (await getPermissionsNamed(tx, [input.permission])) as [Permission];
    await requireScopesOfRole(tx, principal, role);
    requireScopesOf(principal, [input.permission]);
    apply(role, permission);
    await tx.flush();
    const detail = { permission: input.permission };
    await audit.record(tx, caller, { action, targetType: 'role', targetId: input.role, detail });
  });
  return getChangedRole(roleCache, input.role);
}
