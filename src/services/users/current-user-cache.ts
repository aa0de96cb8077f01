import { LRUCache } from 'lru-cache';
import type { ChangeFeed } from '../../database/change-feed';
import type { UserRow } from '../../queries/users';
import type { Roles } from '../roles/role-cache';
import type { UserQueries } from './user-queries';
import { type UserView, userView } from './user-view';

interface Entry {
  row: UserRow;
  roles: Roles;
  view: UserView;
}

/** Enough for those who ask again and again; some ten megabytes. */
const REMEMBERED = 20_000;

/**
 * Users who ask who they are, which clients do all the time. Remembered until the change feed names
 * the account, or all; while the feed is not trusted every call asks the database. A row that was
 * on its way when anything was announced is not remembered. Logins are not announced: what is given
 * from here has no `lastLoginAt`. Says nothing about who may ask: that is TokenAuthenticator's.
 */
export class CurrentUserCache {
  private readonly entries = new LRUCache<string, Entry>({ max: REMEMBERED });
  private generation = 0;

  constructor(
    private readonly users: UserQueries,
    private readonly feed: ChangeFeed,
  ) {
    feed.onChange((account) => {
      this.generation++;
      if (account === '*') this.entries.clear();
      else this.entries.delete(account);
    });
  }

  /** @throws AppError USER_NOT_FOUND */
  async get(id: string): Promise<UserView> {
    const known = this.feed.trusted ? this.entries.get(id) : undefined;
    const { generation } = this;
    const [row, roles] = await Promise.all([known?.row ?? this.users.getRow(id), this.users.allRoles()]);
    // roles are cached on their own, and that cache may know of a change before the feed does
    if (known?.roles === roles) return known.view;
    const { lastLoginAt: _, ...view } = userView(row, roles);
    if (this.feed.trusted && generation === this.generation) this.entries.set(id, { row, roles, view });
    return view;
  }
}
