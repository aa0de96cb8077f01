import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { ChangeAwareCache } from '../../database/change-aware-cache';
import type { ChangeFeed } from '../../database/change-feed';
import { AppError } from '../../errors/app-error';
import type { PermissionRow } from '../../queries/permissions';
import { findRoles, type RoleRow } from '../../queries/roles';
import { roleScope } from '../../security/scopes';

export type PermissionView = PermissionRow;
export type RoleView = RoleRow;

/** All roles with their permissions, by id, in order of precedence. */
export type Roles = ReadonlyMap<string, RoleView>;

/** Roles are few and in every answer about users: all of them are cached as one value. */
export class RoleCache {
  private readonly cache: ChangeAwareCache<Roles>;
  /** Made when it is first needed. */
  private readonly byPermission = new WeakMap<Roles, ReadonlyMap<string, readonly RoleView[]>>();

  constructor(
    private readonly em: SqlEntityManager,
    feed: ChangeFeed,
  ) {
    this.cache = new ChangeAwareCache<Roles>(feed, { name: 'roles', max: 1, account: () => '*' });
  }

  all(): Promise<Roles> {
    return this.cache.fetch('all', () => this.load());
  }

  /** Drops the roles at once, for a service that has just changed them. */
  evict(): void {
    this.cache.evict('*');
  }

  async find(name: string): Promise<RoleView | undefined> {
    for (const role of (await this.all()).values()) if (role.name === name) return role;
    return undefined;
  }

  /** In the order of the names, each once. @throws AppError ROLE_NOT_FOUND */
  async getNamed(names: readonly string[]): Promise<RoleView[]> {
    if (names.length === 0) return [];
    const all = new Map([...(await this.all()).values()].map((role) => [role.name, role]));
    return [...new Set(names)].map((name) => {
      const role = all.get(name);
      if (!role) throw new AppError('ROLE_NOT_FOUND', { name });
      return role;
    });
  }

  /** The roles that carry a permission, by precedence and name. */
  async withPermission(id: string): Promise<readonly RoleView[]> {
    const roles = await this.all();
    const index = this.byPermission.get(roles) ?? indexByPermission(roles);
    this.byPermission.set(roles, index);
    return index.get(id) ?? [];
  }

  private async load(): Promise<Roles> {
    const rows = await findRoles.rows(this.em);
    return new Map(rows.map((role) => [role.id, role]));
  }
}

function indexByPermission(roles: Roles): ReadonlyMap<string, readonly RoleView[]> {
  const index = new Map<string, RoleView[]>();
  for (const role of roles.values())
    for (const { id } of role.permissions) {
      const carriers = index.get(id) ?? [];
      carriers.push(role);
      index.set(id, carriers);
    }
  return index;
}

/** What holding these roles amounts to: the words of a `scope` claim, roles first. */
export function scopesOf(roles: readonly RoleView[]): string[] {
  const permissions = new Set(roles.flatMap((role) => role.permissions.map((p) => p.name)));
  return [...roles.map((role) => roleScope(role.name)), ...[...permissions].sort()];
}
