import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import { isPermissionName } from '../../security/scopes';
import type { AuditLog } from '../audit/audit-log';
import { type Caller, requireScope, requireScopesOf } from '../caller';
import { mapUniqueViolation } from '../unique-violation';
import { limits, Validation } from '../validation';
import type { IfExists } from './role.service';
import type { PermissionView, RoleCache } from './role-cache';

/** Makes and removes permissions. */
export class PermissionService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly roleCache: RoleCache,
    private readonly audit: AuditLog,
  ) {}

  list(): Promise<PermissionView[]> {
    return sqlRows<PermissionView>(this.em, 'select name, description from permissions order by name');
  }

  async find(name: string): Promise<PermissionView | null> {
    if (!isPermissionName(name)) return null;
    return (
      (await sqlRow<PermissionView>(this.em, 'select name, description from permissions where name = ?', [name])) ??
      null
    );
  }

  /** @throws AppError FORBIDDEN, VALIDATION_FAILED, PERMISSION_NAME_TAKEN */
  async create(
    input: { name: string; description?: string | null },
    ifExists: IfExists,
    caller: Caller,
  ): Promise<PermissionView> {
    requireScope(caller, 'CREATE_PERMISSION');
    const check = new Validation();
    if (!isPermissionName(input.name)) {
      check.add(
        'name',
        'A permission name has 1 to 64 letters, digits and _ . : - begins with a letter or digit, and not with ROLE_',
      );
    }
    check.text('description', input.description, limits.description.max);
    check.check();
    const onConflict =
      ifExists === 'REPLACE' ? 'on conflict (name) do update set description = excluded.description' : '';
    const created = await mapUniqueViolation(
      inTransaction(this.em, async (em) => {
        const row = await sqlRow<PermissionView>(
          em,
          `insert into permissions (name, description) values (?, ?) ${onConflict} returning name, description`,
          [input.name, input.description || null],
        );
        await this.audit.record(em, caller, {
          action: 'permission.created',
          targetType: 'permission',
          targetId: input.name,
        });
        return row!;
      }),
      { name: input.name },
    );
    this.roleCache.forget();
    return created;
  }

  /**
   * Every role loses it, and every token at once. @throws AppError FORBIDDEN, PERMISSION_NOT_FOUND
   */
  async delete(name: string, caller: Caller): Promise<void> {
    const principal = requireScope(caller, 'DELETE_PERMISSION');
    if (!(await this.find(name))) throw new AppError('PERMISSION_NOT_FOUND', { name });
    requireScopesOf(principal, [name]);
    await inTransaction(this.em, async (em) => {
      const deleted = await sqlRow(em, 'delete from permissions where name = ? returning name', [name]);
      if (!deleted) throw new AppError('PERMISSION_NOT_FOUND', { name });
      await this.audit.record(em, caller, { action: 'permission.deleted', targetType: 'permission', targetId: name });
    });
    this.roleCache.forget();
  }
}
