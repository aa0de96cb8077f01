import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { findRoleScopes } from '../../queries/roles';
import { roleScope } from '../../security/scopes';
import type { RoleView } from './role-cache';

/**
 * What holding these roles amounts to at this moment, read in the transaction that gives them: a
 * role may have gained permissions since it was found. @throws AppError ROLE_NOT_FOUND
 */
export async function getCurrentScopes(em: SqlEntityManager, roles: readonly RoleView[]): Promise<string[]> {
  if (roles.length === 0) return [];
  const rows = await findRoleScopes.rows(em, { ids: uuidArray(roles.map(({ id }) => id)) });
  const missing = roles.find(({ id }) => !rows.some((row) => row.id === id));
  if (missing) throw new AppError('ROLE_NOT_FOUND', { name: missing.name });
  return rows.flatMap(({ name, permissions }) => [roleScope(name), ...permissions]);
}
