import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../errors/app-error';
import { findTakenIdentifiers, lockIdentifiers } from '../../queries/users';

export interface Identifiers {
  username: string | null;
  email: string | null;
  /** Id of the account that may have them already. */
  except?: string;
}

/**
 * Login takes a user name or an e-mail address, so one account's name must not be another's address.
 * Unique constraints decide among names and among addresses; this check comes before a password is
 * hashed in vain.
 * @throws AppError USERNAME_TAKEN, EMAIL_TAKEN
 */
export async function assertIdentifiersAvailable(em: SqlEntityManager, wanted: Identifiers): Promise<void> {
  const { username, email, except = null } = wanted;
  const taken = await findTakenIdentifiers.row(em, { username, email, except });
  if (taken?.username) throw new AppError('USERNAME_TAKEN', { field: 'username' });
  if (taken?.email) throw new AppError('EMAIL_TAKEN', { field: 'email' });
}

/**
 * Called in the transaction that writes them: another transaction with the same ones waits.
 * @throws as `assertIdentifiersAvailable`
 */
export async function reserveIdentifiers(em: SqlEntityManager, wanted: Identifiers): Promise<void> {
  await lockIdentifiers.rows(em, { username: wanted.username, email: wanted.email });
  await assertIdentifiersAvailable(em, wanted);
}
