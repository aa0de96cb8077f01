import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { lockUser } from '../../queries/users';
import type { AccountState } from '../../security/tokens/account-state';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';

/** Reads what an account holds, as the database has it. */
export type AccountStates = Pick<TokenAuthenticator, 'accountStateOf'>;

/** @throws AppError USER_NOT_FOUND */
export async function getAccountState(
  accounts: AccountStates,
  id: string,
  em?: SqlEntityManager,
): Promise<AccountState> {
  const state = await accounts.accountStateOf(id, em);
  if (!state) throw new AppError('USER_NOT_FOUND');
  return state;
}

/**
 * The account as it is until the transaction ends: changes of one account wait for each other, and
 * rights are decided by this state. @throws AppError USER_NOT_FOUND
 */
export async function lockAccount(accounts: AccountStates, em: SqlEntityManager, id: string): Promise<AccountState> {
  if (!isUuid(id)) throw new AppError('USER_NOT_FOUND');
  await lockUser.rows(em, { id });
  return getAccountState(accounts, id, em);
}
