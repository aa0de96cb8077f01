import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { findAccountState } from '../../queries/account-state';
import { type AccountState, toAccountState } from '../../security/tokens/account-state';

/** What an account is and holds now, as the database has it. @throws AppError USER_NOT_FOUND */
export async function getAccountState(em: SqlEntityManager, userId: string): Promise<AccountState> {
  const row = isUuid(userId) ? await findAccountState.row(em, { userId }) : undefined;
  if (!row) throw new AppError('USER_NOT_FOUND');
  return toAccountState(row);
}
