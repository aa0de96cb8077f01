import { inTransaction } from '../../database/transaction';
import { insertOrReplacePermission, insertPermission } from '../../queries/permissions';
import { isPermissionName } from '../../security/scopes';
import type { Caller } from '../caller';
import { mapUniqueViolation } from '../unique-violation';
import { limits, Validation } from '../validation';
import type { PermissionView } from './role-cache';
import type { IfExists, RoleDependencies } from './role-input';

export interface CreatePermissionInput {
  name: string;
  description?: string | null;
  ifExists: IfExists;
}

/** @throws AppError FORBIDDEN, VALIDATION_FAILED, PERMISSION_NAME_TAKEN */
export async function createPermission(
  { em, roleCache, audit }: RoleDependencies,
  input: CreatePermissionInput,
  caller: Caller,
): Promise<PermissionView> {
  validatePermission(input);
  const { name } = input;
  const insert = input.ifExists === 'REPLACE' ? insertOrReplacePermission : insertPermission;
  const write = inTransaction(em, async (tx) => {
    const row = await insert.row(tx, { name, description: input.description || null });
    await audit.record(tx, caller, { action: 'permission.created', targetType: 'permission', targetId: name });
    return row!;
  });
  const created = await mapUniqueViolation(write, { name });
  roleCache.evict();
  return created;
}

function validatePermission({ name, description }: CreatePermissionInput): void {
  const check = new Validation();
  if (!isPermissionName(name))
    check.add(
      'name',
      'A permission name has 1 to 64 letters, digits and _ . : - begins with a letter or digit, and not with ROLE_',
    );
  check.text('description', description, limits.description.max);
  check.check();
}
