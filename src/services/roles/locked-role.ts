import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { Permission, Role } from '../../entities';
import { AppError } from '../../errors/app-error';
import { findOtherHolder, lockRole } from '../../queries/roles';
import type { Principal } from '../../security/principal';
import { ADMIN_ROLE, isRoleName, roleScope } from '../../security/scopes';
import { requireScopesOf } from '../caller';

/**
 * The role with its permissions as it is until the transaction ends: changes of one role wait for
 * each other. @throws AppError ROLE_NOT_FOUND
 */
export async function getLockedRole(em: SqlEntityManager, name: string): Promise<Role> {
  const row = isRoleName(name) ? await lockRole.row(em, { name }) : undefined;
  if (!row) throw new AppError('ROLE_NOT_FOUND', { name });
  return em.findOneOrFail(
    Role,
    { id: row.id },
    { populate: ['permissions'], failHandler: () => new AppError('ROLE_NOT_FOUND', { name }) },
  );
}

/** @throws AppError PERMISSION_NOT_FOUND */
export async function getPermissionsNamed(em: SqlEntityManager, names: readonly string[]): Promise<Permission[]> {
  const unique = [...new Set(names)];
  const storable = unique.filter((name) => name.isWellFormed() && !name.includes('\0'));
  const found = storable.length === 0 ? [] : await em.find(Permission, { name: { $in: storable } });
  const missing = unique.find((name) => !found.some((permission) => permission.name === name));
  if (missing !== undefined) throw new AppError('PERMISSION_NOT_FOUND', { name: missing });
  return found;
}

/**
 * To change a role is to change all who hold it: the caller needs every scope of the role, and the
 * role itself where other users hold it. @throws AppError FORBIDDEN
 */
export async function requireScopesOfRole(em: SqlEntityManager, principal: Principal, role: Role): Promise<void> {
  const otherHolder = await findOtherHolder.row(em, { roleId: role.id, userId: principal.userId });
  const own = otherHolder || role.name === ADMIN_ROLE ? [roleScope(role.name)] : [];
  requireScopesOf(principal, [...own, ...role.permissions.getItems().map(({ name }) => name)]);
}
