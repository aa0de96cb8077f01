import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { findPermissionByName, findPermissions } from '../../queries/permissions';
import { isPermissionName } from '../../security/scopes';
import type { PermissionView } from './role-cache';

/** All permissions, by name. */
export const listPermissions = (em: SqlEntityManager): Promise<PermissionView[]> => findPermissions.rows(em);

export async function findPermission(em: SqlEntityManager, name: string): Promise<PermissionView | null> {
  if (!isPermissionName(name)) return null;
  return (await findPermissionByName.row(em, { name })) ?? null;
}
