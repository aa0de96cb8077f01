import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlRow } from '../../database/positional-sql';
import { AppError } from '../../errors/app-error';
import { ADMIN_ROLE } from '../../security/scopes';

/**
 * To be asked in the transaction that takes an administrator away, before it does. The lock on the
 * role makes two administrators who remove each other take turns.
 * @throws AppError LAST_ADMINISTRATOR
 */
export async function requireAnotherAdministrator(em: SqlEntityManager, userId: string): Promise<void> {
  await sqlRow(em, 'select id from roles where name = ? for no key update', [ADMIN_ROLE]);
  const other = await sqlRow(
    em,
    `select 1 from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
     where r.name = ? and u.is_active and u.id <> ? limit 1`,
    [ADMIN_ROLE, userId],
  );
  if (!other) throw new AppError('LAST_ADMINISTRATOR');
}
