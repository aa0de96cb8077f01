import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { revokeKongCredentials } from '../../queries/kong-credentials';
import { deleteUserById } from '../../queries/users';
import { ADMIN_SCOPE } from '../../security/scopes';
import type { AuditLog } from '../audit/audit-log';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, requireScopesOf } from '../caller';
import type { KongConsumers } from '../kong/kong-consumers';
import type { SessionProjection } from '../sessions/session-projection';
import { requireAnotherAdministrator } from './last-administrator';

export interface DeleteUserDependencies {
  em: SqlEntityManager;
  projection: SessionProjection;
  audit: AuditLog;
  authorization: WriteAuthorization;
  consumers: KongConsumers;
  clock: Clock;
}

/** @throws AppError FORBIDDEN, USER_NOT_FOUND, LAST_ADMINISTRATOR */
export async function deleteUser(
  { em, projection, audit, authorization, consumers, clock }: DeleteUserDependencies,
  id: string,
  caller: Caller,
): Promise<void> {
  await inTransaction(em, async (tx) => {
    const { principal, target } = await authorization.lockTarget(tx, caller, { userId: id, scope: 'DELETE_USER' });
    requireScopesOf(principal, target.held);
    if (target.held.has(ADMIN_SCOPE)) await requireAnotherAdministrator(tx, id);
    if (!(await deleteUserById.row(tx, { id }))) throw new AppError('USER_NOT_FOUND');
    // after the sessions, which the deletion took along: a logout locks them in this order too
    await revokeKongCredentials.rows(tx, { ids: uuidArray([id]), now: clock.now() });
    await consumers.scheduleDeletion(tx, { id, username: target.username });
    await audit.record(tx, caller, {
      action: 'user.deleted',
      targetType: 'user',
      targetId: id,
      detail: { username: target.username },
    });
  });
  await projection.removeUnlessLive(id);
}
