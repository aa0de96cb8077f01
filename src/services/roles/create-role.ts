import { inTransaction } from '../../database/transaction';
import { Role } from '../../entities';
import { AppError } from '../../errors/app-error';
import { findRoleId } from '../../queries/roles';
import { ADMIN_ROLE, ADMIN_SCOPE } from '../../security/scopes';
import { type Caller, requireScopesOf } from '../caller';
import { mapUniqueViolation } from '../unique-violation';
import { getPermissionsNamed } from './locked-role';
import type { RoleView } from './role-cache';
import { getChangedRole, type IfExists, type RoleDependencies, type RoleInput, validateRole } from './role-input';
import { updateRole } from './update-role';

const DEFAULT_PRECEDENCE = 100;

/**
 * Makes a role out of permissions that the caller holds. With REPLACE a role of that name gets
 * description and permissions of the input, which needs UPDATE_ROLE.
 * @throws AppError FORBIDDEN, VALIDATION_FAILED, PERMISSION_NOT_FOUND, ROLE_NAME_TAKEN
 */
export async function createRole(
  deps: RoleDependencies,
  input: RoleInput & { ifExists: IfExists },
  caller: Caller,
): Promise<RoleView> {
  validateRole(input);
  if (input.ifExists === 'REFUSE') return insertRole(deps, input, caller);
  const replacement = { ...input, description: input.description ?? null, permissions: input.permissions ?? [] };
  if (await findRoleId.row(deps.em, { name: input.name })) return updateRole(deps, replacement, caller);
  try {
    return await insertRole(deps, input, caller);
  } catch (error) {
    // another client made it a moment ago
    if (error instanceof AppError && error.code === 'ROLE_NAME_TAKEN') return updateRole(deps, replacement, caller);
    throw error;
  }
}

async function insertRole(
  { em, roleCache, audit, authorization }: RoleDependencies,
  input: RoleInput,
  caller: Caller,
): Promise<RoleView> {
  const { name, description, precedence } = input;
  const permissions = input.permissions ?? [];
  const write = inTransaction(em, async (tx) => {
    const principal = await authorization.authorizeAgain(tx, caller, { scope: 'CREATE_ROLE' });
    requireScopesOf(principal, name === ADMIN_ROLE ? [ADMIN_SCOPE] : permissions);
    const role = tx.create(Role, {
      name,
      description: description || null,
      precedence: precedence ?? DEFAULT_PRECEDENCE,
    });
    role.permissions.add(await getPermissionsNamed(tx, permissions));
    await tx.flush();
    await audit.record(tx, caller, {
      action: 'role.created',
      targetType: 'role',
      targetId: name,
      detail: { permissions },
    });
  });
  await mapUniqueViolation(write, { name });
  return getChangedRole(roleCache, name);
}
