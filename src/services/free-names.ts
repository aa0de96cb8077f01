import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { folded } from '../database/folded';
import { sqlRow, sqlRows } from '../database/sql';
import { AppError } from '../errors/app-error';

const FOLDED = folded('?::text');

/**
 * Login takes a user name or an e-mail address, so one account's name must not be another's address. Names and addresses among
 * themselves are for the unique constraints to decide; here they are looked at early, before a password is hashed for nothing.
 * @param how `locked`, in the transaction that writes: who wants the same name or address waits
 * @throws AppError USERNAME_TAKEN, EMAIL_TAKEN
 */
export async function requireFreeNames(
  em: SqlEntityManager,
  { username, email, except = null }: { username: string | null; email: string | null; except?: string | null },
  how?: 'locked',
): Promise<void> {
  if (how === 'locked') {
    const lock = `select pg_advisory_xact_lock(hashtextextended(name, 0)) from (
      select distinct name from (values (${FOLDED}), (${FOLDED})) as names (name) where name is not null order by name) as wanted`;
    await sqlRows(em, lock, [username, email]);
  }
  const taken = await sqlRow<{ username: boolean; email: boolean }>(
    em,
    `select exists (select from users u where (u.username_key = ${FOLDED} or u.email_key = ${FOLDED}) and u.id is distinct from ?::uuid) as username,
       exists (select from users u where (u.email_key = ${FOLDED} or u.username_key = ${FOLDED}) and u.id is distinct from ?::uuid) as email`,
    [username, username, except, email, email, except],
  );
  if (taken?.username) throw new AppError('USERNAME_TAKEN');
  if (taken?.email) throw new AppError('EMAIL_TAKEN');
}
