import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { findAccountState, lockAccount, lockAccountAsIs } from '../../queries/account-state';
import { lockSessionAsIs } from '../../queries/sessions';
import type { Principal } from '../../security/principal';
import { TokenError } from '../../security/tokens/access-tokens';
import { type AccountState, toAccountState } from '../../security/tokens/account-state';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { type Caller, signedIn } from '../caller';

/**
 * Authorizes a caller again in the transaction that writes. A mutation may have waited for a hash or
 * for a lock since its caller was authorized, and the caller may have been disabled meanwhile.
 *
 * The caller's account and session stay locked until the transaction ends: what takes their rights
 * away commits before, and is seen here, or after. Accounts are locked in the order of their ids,
 * and before anything else, so that two administrators who change each other do not deadlock.
 */
export class WriteAuthorization {
  constructor(private readonly authenticator: TokenAuthenticator) {}

  /**
   * To be called first in the transaction.
   * @param scope that the write needs
   * @returns the principal with the scopes of this moment, for rules about the instance
   * @throws AppError UNAUTHENTICATED, FORBIDDEN
   */
  async authorizeAgain(em: SqlEntityManager, caller: Caller, scope?: string): Promise<Principal> {
    const before = signedIn(caller);
    await lockAccountAsIs.row(em, { userId: before.userId });
    return this.readAgain(em, before, scope);
  }

  /**
   * As `authorizeAgain`, for a write that changes an account, which takes turns with other changes
   * of it.
   * @throws AppError UNAUTHENTICATED, FORBIDDEN, USER_NOT_FOUND
   */
  async lockTarget(
    em: SqlEntityManager,
    caller: Caller,
    target: { userId: string; scope?: string },
  ): Promise<{ principal: Principal; target: AccountState }> {
    const before = signedIn(caller);
    if (!isUuid(target.userId)) throw new AppError('USER_NOT_FOUND');
    const userId = target.userId.toLowerCase();
    for (const id of [...new Set([before.userId, userId])].sort())
      await (id === userId ? lockAccount : lockAccountAsIs).row(em, { userId: id });
    const principal = await this.readAgain(em, before, target.scope);
    const row = await findAccountState.row(em, { userId });
    if (!row) throw new AppError('USER_NOT_FOUND');
    return { principal, target: toAccountState(row) };
  }

  private async readAgain(em: SqlEntityManager, before: Principal, scope: string | undefined): Promise<Principal> {
    if (before.sessionId !== null) await lockSessionAsIs.row(em, { sessionId: before.sessionId });
    const principal = await this.reauthenticate(em, before);
    if (scope !== undefined && !principal.has(scope)) throw new AppError('FORBIDDEN', { needs: scope });
    return principal;
  }

  private async reauthenticate(em: SqlEntityManager, before: Principal): Promise<Principal> {
    try {
      return await this.authenticator.reauthenticate(em, before);
    } catch (error) {
      if (error instanceof TokenError) throw new AppError('UNAUTHENTICATED', { reason: error.reason });
      throw error;
    }
  }
}
