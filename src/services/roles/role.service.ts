import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlRow } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';
import { Permission, Role } from '../../entities';
import { AppError } from '../../errors/app-error';
import type { Principal } from '../../security/principal';
import { ADMIN_ROLE, ADMIN_SCOPE, isRoleName, roleScope } from '../../security/scopes';
import type { AuditLog } from '../audit/audit-log';
import { type Caller, requireScope, requireScopesOf } from '../caller';
import { mapUniqueViolation } from '../unique-violation';
import { limits, Validation } from '../validation';
import type { RoleCache, RoleView } from './role-cache';

export type IfExists = 'REFUSE' | 'REPLACE';

export interface RoleInput {
  name: string;
  description?: string | null;
  /** Names; missing leaves them as they are, or none for a new role. */
  permissions?: readonly string[] | null;
  precedence?: number | null;
}

/**
 * Makes, changes and removes roles. Nobody puts into a role, or takes out of one, what he does not
 * hold.
 */
export class RoleService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly roleCache: RoleCache,
    private readonly audit: AuditLog,
  ) {}

  async list(): Promise<RoleView[]> {
    return [...(await this.roleCache.all()).values()];
  }

  async find(name: string): Promise<RoleView | null> {
    return (await this.roleCache.find(name)) ?? null;
  }

  /**
   * @param ifExists REPLACE sets description and permissions of the role that exists, which takes
   *   UPDATE_ROLE
   * @throws AppError FORBIDDEN, VALIDATION_FAILED, PERMISSION_NOT_FOUND, ROLE_NAME_TAKEN
   */
  async create(input: RoleInput, ifExists: IfExists, caller: Caller): Promise<RoleView> {
    const principal = requireScope(caller, 'CREATE_ROLE');
    this.validate(input);
    if (ifExists === 'REPLACE' && (await sqlRow(this.em, 'select 1 from roles where name = ?', [input.name]))) {
      return this.update(
        { ...input, description: input.description ?? null, permissions: input.permissions ?? [] },
        caller,
      );
    }
    requireScopesOf(principal, input.name === ADMIN_ROLE ? [ADMIN_SCOPE] : (input.permissions ?? []));
    await mapUniqueViolation(
      inTransaction(this.em, async (em) => {
        const role = em.create(Role, {
          name: input.name,
          description: input.description || null,
          precedence: input.precedence ?? 100,
        });
        role.permissions.add(await permissionsNamed(em, input.permissions ?? []));
        await em.flush();
        await this.audit.record(em, caller, {
          action: 'role.created',
          targetType: 'role',
          targetId: input.name,
          detail: { permissions: input.permissions ?? [] },
        });
      }),
      { name: input.name },
    ).catch((error: unknown) => {
      // made by somebody else a moment ago: a replacement replaces that one
      if (ifExists === 'REPLACE' && error instanceof AppError && error.code === 'ROLE_NAME_TAKEN')
        return this.update(input, caller);
      throw error;
    });
    return this.get(input.name);
  }

  /** @throws AppError FORBIDDEN, VALIDATION_FAILED, ROLE_NOT_FOUND, PERMISSION_NOT_FOUND */
  async update(input: RoleInput, caller: Caller): Promise<RoleView> {
    const principal = requireScope(caller, 'UPDATE_ROLE');
    this.validate(input);
    await inTransaction(this.em, async (em) => {
      const role = await lockRole(em, input.name);
      await requireManaging(em, principal, role);
      if (input.description !== undefined) role.description = input.description || null;
      if (input.precedence !== undefined && input.precedence !== null) role.precedence = input.precedence;
      if (input.permissions !== undefined && input.permissions !== null) {
        requireScopesOf(principal, input.permissions);
        role.permissions.set(await permissionsNamed(em, input.permissions));
      }
      await em.flush();
      await this.audit.record(em, caller, {
        action: 'role.updated',
        targetType: 'role',
        targetId: role.name,
        detail: { permissions: role.permissions.getItems().map((p) => p.name) },
      });
    });
    return this.get(input.name);
  }

  /** Its holders lose it at once. @throws AppError FORBIDDEN, ROLE_NOT_FOUND, ROLE_PROTECTED */
  async delete(name: string, caller: Caller): Promise<void> {
    const principal = requireScope(caller, 'DELETE_ROLE');
    if (name === ADMIN_ROLE) throw new AppError('ROLE_PROTECTED', { name });
    await inTransaction(this.em, async (em) => {
      const role = await lockRole(em, name);
      await requireManaging(em, principal, role);
      await em.remove(role).flush();
      await this.audit.record(em, caller, { action: 'role.deleted', targetType: 'role', targetId: name });
    });
    this.roleCache.forget();
  }

  /** @throws AppError FORBIDDEN, ROLE_NOT_FOUND, PERMISSION_NOT_FOUND */
  async grantPermission(roleName: string, permissionName: string, caller: Caller): Promise<RoleView> {
    return this.changePermission(roleName, permissionName, caller, 'granted');
  }

  /** Tokens lose it at once. @throws AppError FORBIDDEN, ROLE_NOT_FOUND, PERMISSION_NOT_FOUND */
  async revokePermission(roleName: string, permissionName: string, caller: Caller): Promise<RoleView> {
    return this.changePermission(roleName, permissionName, caller, 'revoked');
  }

  private async changePermission(
    roleName: string,
    permissionName: string,
    caller: Caller,
    change: 'granted' | 'revoked',
  ): Promise<RoleView> {
    const principal = requireScope(caller, 'GRANT_PERMISSION');
    await inTransaction(this.em, async (em) => {
      const role = await lockRole(em, roleName);
      const [permission] = await permissionsNamed(em, [permissionName]);
      await requireManaging(em, principal, role);
      requireScopesOf(principal, [permissionName]);
      if (change === 'granted') role.permissions.add(permission!);
      else role.permissions.remove(permission!);
      await em.flush();
      await this.audit.record(em, caller, {
        action: `role.permission-${change}`,
        targetType: 'role',
        targetId: roleName,
        detail: { permission: permissionName },
      });
    });
    return this.get(roleName);
  }

  private validate(input: RoleInput): void {
    const check = new Validation();
    if (!isRoleName(input.name))
      check.add('name', 'A role name has 1 to 64 letters, digits and _ . : - and begins with a letter or digit');
    check.text('description', input.description, limits.description.max);
    const precedence = input.precedence ?? 0;
    if (precedence < 0 || precedence > 1_000_000) check.add('precedence', 'Precedence must be 0 to 1000000');
    check.check();
  }

  /** After a change of one's own: not from the cache. @throws AppError ROLE_NOT_FOUND */
  private async get(name: string): Promise<RoleView> {
    this.roleCache.forget();
    const role = await this.roleCache.find(name);
    if (!role) throw new AppError('ROLE_NOT_FOUND', { name });
    return role;
  }
}

/** Changes of one role take turns. */
async function lockRole(em: SqlEntityManager, name: string): Promise<Role> {
  const row = isRoleName(name)
    ? await sqlRow<{ id: string }>(em, 'select id from roles where name = ? for update', [name])
    : undefined;
  if (!row) throw new AppError('ROLE_NOT_FOUND', { name });
  return em.findOneOrFail(
    Role,
    { id: row.id },
    { populate: ['permissions'], failHandler: () => new AppError('ROLE_NOT_FOUND', { name }) },
  );
}

async function permissionsNamed(em: SqlEntityManager, names: readonly string[]): Promise<Permission[]> {
  const unique = [...new Set(names)];
  const found =
    unique.length === 0
      ? []
      : await em.find(Permission, { name: { $in: unique.filter((n) => n.isWellFormed() && !n.includes('\0')) } });
  const missing = unique.find((name) => !found.some((permission) => permission.name === name));
  if (missing !== undefined) throw new AppError('PERMISSION_NOT_FOUND', { name: missing });
  return found;
}

/**
 * A change of a role is a change of everybody who has it: where there is somebody, the caller must
 * hold the role's own scope too.
 */
async function requireManaging(em: SqlEntityManager, principal: Principal, role: Role): Promise<void> {
  const holder = await sqlRow(em, 'select 1 from user_roles where role_id = ? and user_id <> ? limit 1', [
    role.id,
    principal.userId,
  ]);
  const own = holder || role.name === ADMIN_ROLE ? [roleScope(role.name)] : [];
  requireScopesOf(principal, [...own, ...role.permissions.getItems().map((p) => p.name)]);
}
