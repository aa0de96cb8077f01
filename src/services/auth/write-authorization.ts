import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid, uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { findAccountState, lockAccount, lockAccountAsIs } from '../../queries/account-state';
import { lockRights } from '../../queries/rights-locks';
import { lockSessionAsIs } from '../../queries/sessions';
import type { Principal } from '../../security/principal';
import { isRoleName } from '../../security/scopes';
import { type AccountState, toAccountState } from '../../security/tokens/account-state';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { TokenError } from '../../security/tokens/token-error';
import { type Caller, signedIn } from '../caller';

/** What a write needs, and which rights it changes or gives. */
export interface WriteRights {
  /** Scope that the write needs. */
  scope?: string | undefined;
  /** Ids of the roles that it gives. */
  givenRoleIds?: readonly string[];
  /** Name of the role that it changes. */
  changedRole?: string;
  /** Name of the permission that it deletes. */
  deletedPermission?: string;
}

/**
 * Authorizes a caller again in the transaction that writes. A mutation may have waited for a hash or
 * for a lock since its caller was authorized, and the caller may have been disabled meanwhile.
 *
 * The caller's account, roles and session stay as they are until the transaction ends: what takes
 * their rights away commits before, and is seen here, or after. Rights are locked before rows, and
 * accounts in the order of their ids, so that two administrators who change each other do not
 * deadlock.
 */
export class WriteAuthorization {
  constructor(private readonly authenticator: TokenAuthenticator) {}

  /**
   * To be called first in the transaction.
   * @returns the principal with the scopes of this moment, for rules about the instance
   * @throws AppError UNAUTHENTICATED, FORBIDDEN
   */
  async authorizeAgain(em: SqlEntityManager, caller: Caller, rights: WriteRights): Promise<Principal> {
    const before = signedIn(caller);
    await lock(em, before, { ...rights, accountId: null });
    await lockAccountAsIs.row(em, { userId: before.userId });
    return this.readAgain(em, before, rights.scope);
  }

  /**
   * As `authorizeAgain`, for a write that changes an account, which takes turns with other changes
   * of it.
   * @throws AppError UNAUTHENTICATED, FORBIDDEN, USER_NOT_FOUND
   */
  async lockTarget(
    em: SqlEntityManager,
    caller: Caller,
    target: WriteRights & { userId: string },
  ): Promise<{ principal: Principal; target: AccountState }> {
    const before = signedIn(caller);
    if (!isUuid(target.userId)) throw new AppError('USER_NOT_FOUND');
    const userId = target.userId.toLowerCase();
    await lock(em, before, { ...target, accountId: userId });
    for (const id of [...new Set([before.userId, userId])].sort())
      await (id === userId ? lockAccount : lockAccountAsIs).row(em, { userId: id });
    const principal = await this.readAgain(em, before, target.scope);
    const row = await findAccountState.row(em, { userId });
    if (!row) throw new AppError('USER_NOT_FOUND');
    return { principal, target: toAccountState(row) };
  }

  /**
   * For what a caller has begun and another client finishes: the rights of the one who began it, as
   * they are until the transaction ends. Undefined for an account that is gone or disabled.
   */
  async findInitiator(
    em: SqlEntityManager,
    userId: string,
    rights: Pick<WriteRights, 'givenRoleIds'>,
  ): Promise<AccountState | undefined> {
    await lock(em, { userId }, { ...rights, accountId: null });
    await lockAccountAsIs.row(em, { userId });
    const row = await findAccountState.row(em, { userId });
    return row?.is_active ? toAccountState(row) : undefined;
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

async function lock(
  em: SqlEntityManager,
  { userId }: Pick<Principal, 'userId'>,
  { accountId, givenRoleIds = [], changedRole, deletedPermission }: WriteRights & { accountId: string | null },
): Promise<void> {
  await lockRights.rows(em, {
    callerId: userId,
    accountId,
    givenRoleIds: uuidArray(givenRoleIds),
    changedRole: changedRole !== undefined && isRoleName(changedRole) ? changedRole : null,
    deletedPermission: deletedPermission ?? null,
  });
}
