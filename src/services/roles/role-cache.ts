import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../../database/change-feed';
import { sqlRows } from '../../database/positional-sql';
import { roleScope } from '../../security/scopes';

export interface PermissionView {
  name: string;
  description: string | null;
}

export interface RoleView {
  id: string;
  name: string;
  description: string | null;
  precedence: number;
  permissions: PermissionView[];
}

const ROLES = `select r.id, r.name, r.description, r.precedence,
    coalesce(json_agg(json_build_object('name', p.name, 'description', p.description) order by p.name) filter (where p.id is not null), '[]') as permissions
  from roles r left join role_permissions rp on rp.role_id = r.id left join permissions p on p.id = rp.permission_id
  group by r.id order by r.precedence, r.name`;

/** All roles with their permissions, by id, in order of precedence. */
export type Roles = ReadonlyMap<string, RoleView>;

/**
 * Roles are few and in every answer about users: they are kept whole until the change feed says
 * `*`, and read again for each request while the feed is not trusted.
 */
export class RoleCache {
  private cached: Promise<Roles> | undefined;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly feed: ChangeFeed,
  ) {
    feed.onChange((account) => {
      if (account === '*') this.cached = undefined;
    });
  }

  all(): Promise<Roles> {
    if (!this.feed.trusted) return this.load();
    if (!this.cached) {
      const loading = this.load();
      this.cached = loading;
      loading.catch(() => {
        if (this.cached === loading) this.cached = undefined;
      });
    }
    return this.cached;
  }

  /** For the one who has just changed something: the feed may be a moment behind. */
  forget(): void {
    this.cached = undefined;
  }

  async find(name: string): Promise<RoleView | undefined> {
    for (const role of (await this.all()).values()) if (role.name === name) return role;
    return undefined;
  }

  private async load(): Promise<Roles> {
    const rows = await sqlRows<RoleView>(this.em, ROLES);
    return new Map(rows.map((role) => [role.id, role]));
  }
}

/** What holding these roles amounts to: the words of a `scope` claim, roles first. */
export function scopesOf(roles: readonly RoleView[]): string[] {
  const permissions = new Set(roles.flatMap((role) => role.permissions.map((p) => p.name)));
  return [...roles.map((role) => roleScope(role.name)), ...[...permissions].sort()];
}
