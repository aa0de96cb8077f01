import { ChangeAwareCache } from '../../database/change-aware-cache';
import type { ChangeFeed } from '../../database/change-feed';
import type { UserRow } from '../../queries/users';
import type { Roles } from '../roles/role-cache';
import type { UserQueries } from './user-queries';
import { type UserView, userView } from './user-view';

interface CurrentUser {
  readonly row: UserRow;
  /** Made with these roles. */
  roles?: Roles;
  view?: UserView;
}

/** Some ten megabytes. */
const MAX_USERS = 20_000;

/**
 * Users who read their own account, which clients do all the time. The caller's right to read it is
 * decided elsewhere. Logins are not announced, so that a view from here has no `lastLoginAt`.
 */
export class CurrentUserCache {
  private readonly users: ChangeAwareCache<CurrentUser>;

  constructor(
    private readonly queries: UserQueries,
    feed: ChangeFeed,
  ) {
    this.users = new ChangeAwareCache(feed, { name: 'current-users', max: MAX_USERS, account: ({ row }) => row.id });
  }

  /** @throws AppError USER_NOT_FOUND */
  async get(id: string): Promise<UserView> {
    const [user, roles] = await Promise.all([
      this.users.fetch(id, async () => ({ row: await this.queries.getRow(id) })),
      this.queries.allRoles(),
    ]);
    // roles have a cache of their own, which may be newer
    if (!user.view || user.roles !== roles) {
      const { lastLoginAt: _, ...view } = userView(user.row, roles);
      user.roles = roles;
      user.view = view;
    }
    return user.view;
  }
}
