import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { deletePermissionByName } from '../../queries/permissions';
import { type Caller, requireScopesOf } from '../caller';
import { findPermission } from './find-permissions';
import type { RoleDependencies } from './role-input';

/** Every role loses it, and every token at once. @returns its id @throws AppError FORBIDDEN, PERMISSION_NOT_FOUND */
export async function deletePermission(
  { em, roleCache, audit, authorization }: RoleDependencies,
  name: string,
  caller: Caller,
): Promise<string> {
  if (!(await findPermission(em, name))) throw new AppError('PERMISSION_NOT_FOUND', { name });
  const id = await inTransaction(em, async (tx) => {
    const principal = await authorization.authorizeAgain(tx, caller, {
      scope: 'DELETE_PERMISSION',
      deletedPermission: name,
    });
    requireScopesOf(principal, [name]);
    const deleted = await deletePermissionByName.row(tx, { name });
    if (!deleted) throw new AppError('PERMISSION_NOT_FOUND', { name });
    await audit.record(tx, caller, { action: 'permission.deleted', targetType: 'permission', targetId: name });
    return deleted.id;
  });
  roleCache.evict();
  return id;
}
