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

  constructor(
    private readonly em: SqlEntityManager,
    feed: ChangeFeed,
  ) {
    this.cache = new ChangeAwareCache<Roles>(feed, { max: 1, account: () => '*' });
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

  private async load(): Promise<Roles> {
    const rows = await findRoles.rows(this.em);
    return new Map(rows.map((role) => [role.id, role]));
  }
}

/** What holding these roles amounts to: the words of a `scope` claim, roles first. */
export function scopesOf(roles: readonly RoleView[]): string[] {
  const permissions = new Set(roles.flatMap((role) => role.permissions.map((p) => p.name)));
  return [...roles.map((role) => roleScope(role.name)), ...[...permissions].sort()];
}
