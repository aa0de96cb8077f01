import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { deletePermissionByName } from '../../queries/permissions';
import { type Caller, requireScopesOf } from '../caller';
import { findPermission } from './find-permissions';
import type { RoleDependencies } from './role-input';

/** Every role loses it, and every token at once. @throws AppError FORBIDDEN, PERMISSION_NOT_FOUND */
export async function deletePermission(
  { em, roleCache, audit, authorization }: RoleDependencies,
  name: string,
  caller: Caller,
): Promise<void> {
  if (!(await findPermission(em, name))) throw new AppError('PERMISSION_NOT_FOUND', { name });
  await inTransaction(em, async (tx) => {
    const principal = await authorization.authorizeAgain(tx, caller, {
      scope: 'DELETE_PERMISSION',
      deletedPermission: name,
    });
    requireScopesOf(principal, [name]);
    if (!(await deletePermissionByName.row(tx, { name }))) throw new AppError('PERMISSION_NOT_FOUND', { name });
    await audit.record(tx, caller, { action: 'permission.deleted', targetType: 'permission', targetId: name });
  });
  roleCache.evict();
}
