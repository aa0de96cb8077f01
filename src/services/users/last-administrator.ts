import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../errors/app-error';
import { findOtherActiveHolder, lockRoleHolders } from '../../queries/roles';
import { ADMIN_ROLE } from '../../security/scopes';

/**
 * Called in the transaction that removes an administrator, before the removal. The lock on the role
 * makes two administrators who remove each other take turns.
 * @throws AppError LAST_ADMINISTRATOR
 */
export async function requireAnotherAdministrator(em: SqlEntityManager, userId: string): Promise<void> {
  await lockRoleHolders.rows(em, { name: ADMIN_ROLE });
  if (!(await findOtherActiveHolder.row(em, { role: ADMIN_ROLE, userId }))) throw new AppError('LAST_ADMINISTRATOR');
}
