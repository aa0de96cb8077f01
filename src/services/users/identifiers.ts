import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { caseFold } from '../../database/case-fold';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { AppError } from '../../errors/app-error';

const FOLDED_PARAMETER = caseFold('?::text');

/**
 * Login takes a user name or an e-mail address, so one account's name must not be another's
 * address. Names and addresses among themselves are for the unique constraints to decide; here they
 * are looked at early, before a password is hashed for nothing.
 * @param how `locked`, in the transaction that writes: who wants the same name or address waits
 * @throws AppError USERNAME_TAKEN, EMAIL_TAKEN
 */
export async function assertIdentifiersAvailable(
  em: SqlEntityManager,
  { username, email, except = null }: { username: string | null; email: string | null; except?: string | null },
  how?: 'locked',
): Promise<void> {
  if (how === 'locked') {
    const lock = `select pg_advisory_xact_lock(hashtextextended(name, 0)) from (
      select distinct name from (values (${FOLDED_PARAMETER}), (${FOLDED_PARAMETER})) as names (name) where name is not null order by name) as wanted`;
    await sqlRows(em, lock, [username, email]);
  }
  const taken = await sqlRow<{ username: boolean; email: boolean }>(
    em,
    `select exists (select from users u where (u.username_key = ${FOLDED_PARAMETER} or u.email_key = ${FOLDED_PARAMETER}) and u.id is distinct from ?::uuid) as username,
       exists (select from users u where (u.email_key = ${FOLDED_PARAMETER} or u.username_key = ${FOLDED_PARAMETER}) and u.id is distinct from ?::uuid) as email`,
    [username, username, except, email, email, except],
  );
  if (taken?.username) throw new AppError('USERNAME_TAKEN');
  if (taken?.email) throw new AppError('EMAIL_TAKEN');
}
