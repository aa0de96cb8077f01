import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { insertPermission, replacePermission } from '../../queries/permissions';
import { isPermissionName } from '../../security/scopes';
import { type Caller, requireScopesOf } from '../caller';
import { limits, Validation } from '../validation';
import type { PermissionView } from './role-cache';
import type { IfExists, RoleDependencies } from './role-input';

export interface CreatePermissionInput {
  name: string;
  description?: string | null;
  ifExists: IfExists;
}

/**
 * Makes a permission. With REPLACE one of that name gets the description of the input, which needs
 * the permission itself.
 * @throws AppError FORBIDDEN, VALIDATION_FAILED, PERMISSION_NAME_TAKEN
 */
export async function createPermission(
  { em, roleCache, audit, authorization }: RoleDependencies,
  input: CreatePermissionInput,
  caller: Caller,
): Promise<PermissionView> {
  validatePermission(input);
  const { name } = input;
  const permission = { name, description: input.description || null };
  const created = await inTransaction(em, async (tx) => {
    const principal = await authorization.authorizeAgain(tx, caller, { scope: 'CREATE_PERMISSION' });
    let row = await insertPermission.row(tx, permission);
    const action = row ? 'permission.created' : 'permission.updated';
    if (!row) {
      if (input.ifExists === 'REFUSE') throw new AppError('PERMISSION_NAME_TAKEN', { name, field: 'name' });
      requireScopesOf(principal, [name]);
      row = await replacePermission.row(tx, permission);
    }
    await audit.record(tx, caller, { action, targetType: 'permission', targetId: name });
    return row!;
  });
  roleCache.evict();
  return created;
}

function validatePermission({ name, description }: CreatePermissionInput): void {
  const check = new Validation();
  if (!isPermissionName(name)) check.add('name', 'PERMISSION_NAME_INVALID');
  check.text('description', description, limits.description.max);
  check.check();
}
