import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../errors/app-error';
import { isRoleName } from '../../security/scopes';
import type { AuditLog } from '../audit/audit-log';
import type { WriteAuthorization } from '../auth/write-authorization';
import type { SessionProjection } from '../sessions/session-projection';
import { limits, Validation } from '../validation';
import type { RoleCache, RoleView } from './role-cache';

/** What operations on roles and permissions work with. */
export interface RoleDependencies {
  em: SqlEntityManager;
  roleCache: RoleCache;
  audit: AuditLog;
  /** Authorizes the caller again in the transaction that writes. */
  authorization: WriteAuthorization;
  projection: SessionProjection;
}

export interface RoleInput {
  name: string;
  description?: string | null;
  /** Names; missing leaves them as they are, or none for a new role. */
  permissions?: readonly string[] | null;
  precedence?: number | null;
}

/** What to do when the name is taken. */
export type IfExists = 'REFUSE' | 'REPLACE';

const MAX_PRECEDENCE = 1_000_000;

/** @throws AppError VALIDATION_FAILED */
export function validateRole(input: RoleInput): void {
  const check = new Validation();
  if (!isRoleName(input.name)) check.add('name', 'ROLE_NAME_INVALID');
  check.text('description', input.description, limits.description.max);
  const precedence = input.precedence ?? 0;
  if (precedence < 0 || precedence > MAX_PRECEDENCE)
    check.add('precedence', 'PRECEDENCE_OUT_OF_RANGE', { max: MAX_PRECEDENCE });
  check.check();
}

/** The role as the caller's own change has left it. @throws AppError ROLE_NOT_FOUND */
export async function getChangedRole(roleCache: RoleCache, name: string): Promise<RoleView> {
  roleCache.evict();
  const role = await roleCache.find(name);
  if (!role) throw new AppError('ROLE_NOT_FOUND', { name });
  return role;
}
