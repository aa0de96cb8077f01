import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../errors/app-error';
import { keepRole } from '../../queries/roles';
import { deleteUserRole, insertUserRole } from '../../queries/users';
import { ADMIN_ROLE } from '../../security/scopes';
import type { RoleView } from '../roles/role-cache';
import { requireAnotherAdministrator } from './last-administrator';

/** Gives a role, in the caller's transaction. @throws AppError ROLE_NOT_FOUND when it was just deleted */
export async function addRole(em: SqlEntityManager, userId: string, role: RoleView): Promise<void> {
  if (!(await keepRole.row(em, { id: role.id }))) throw new AppError('ROLE_NOT_FOUND', { name: role.name });
  await insertUserRole.rows(em, { userId, roleId: role.id });
}

/** Takes a role away, in the caller's transaction. @throws AppError LAST_ADMINISTRATOR */
export async function removeRole(em: SqlEntityManager, userId: string, role: RoleView): Promise<void> {
  if (role.name === ADMIN_ROLE) await requireAnotherAdministrator(em, userId);
  await deleteUserRole.rows(em, { userId, roleId: role.id });
}
