import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { ADMIN_ROLE } from '../../security/scopes';
import type { Caller } from '../caller';
import { getLockedRole, requireScopesOfRole } from './locked-role';
import type { RoleDependencies } from './role-input';

/** Its holders lose it at once. @returns its id @throws AppError FORBIDDEN, ROLE_NOT_FOUND, ROLE_PROTECTED */
export async function deleteRole(
  { em, roleCache, audit, authorization, projection }: RoleDependencies,
  name: string,
  caller: Caller,
): Promise<string> {
  if (name === ADMIN_ROLE) throw new AppError('ROLE_PROTECTED', { name });
  const { id, formerHolders } = await inTransaction(em, async (tx) => {
    const principal = await authorization.authorizeAgain(tx, caller, { scope: 'DELETE_ROLE', changedRole: name });
    const role = await getLockedRole(tx, name);
    await requireScopesOfRole(tx, principal, role);
    const formerHolders = await projection.findRecentHolders(tx, role.id);
    const { id } = role;
    await tx.remove(role).flush();
    await audit.record(tx, caller, { action: 'role.deleted', targetType: 'role', targetId: name });
    return { id, formerHolders };
  });
  roleCache.evict();
  await projection.update(formerHolders);
  return id;
}
