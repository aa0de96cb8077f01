import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid, uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { countHolders, findFirstHolders, findNextHolders } from '../../queries/role-holders';
import { countUsers, findUsersPage, type UserPlaces, type UserSort } from '../../queries/user-pages';
import { findUserById, findUsersByIds, type UserRow } from '../../queries/users';
import type { RoleCache, Roles } from '../roles/role-cache';
import { decodeCursor, encodeCursor } from './user-cursor';
import { conditionsOf, type UserFilter } from './user-filter';
import { type UserView, userView, userViews } from './user-view';

/** A page of a Relay connection, forward. */
export interface ForwardPageArgs {
  first?: number | null;
  after?: string | null;
}

/** A page of a Relay connection: forward with first/after, backward with last/before. */
export interface PageArgs extends ForwardPageArgs {
  last?: number | null;
  before?: string | null;
}

/** The order of a list of users; by user name unless it is given. */
export interface UserSortInput {
  field: UserSort['field'];
  direction: 'ASC' | 'DESC';
}

export interface UserPage {
  users: UserView[];
  cursorOf: (index: number) => string;
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 1000;

/** Reads users with their roles. A page is one statement; roles come from the role cache. */
export class UserQueries {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly roles: RoleCache,
  ) {}

  async find(id: string): Promise<UserView | null> {
    const [row, roles] = await Promise.all([this.findRow(id), this.roles.all()]);
    return row ? userView(row, roles) : null;
  }

  private async findRow(id: string): Promise<UserRow | undefined> {
    return isUuid(id) ? findUserById.row(this.em, { id }) : undefined;
  }

  /** For a cache, which makes the view itself. @throws AppError USER_NOT_FOUND */
  async getRow(id: string): Promise<UserRow> {
    const row = await this.findRow(id);
    if (!row) throw new AppError('USER_NOT_FOUND');
    return row;
  }

  /** The roles that views of users are made with. */
  allRoles(): Promise<Roles> {
    return this.roles.all();
  }

  async lastLoginAt(id: string): Promise<Date | null> {
    return (await this.get(id)).lastLoginAt ?? null;
  }

  /** @throws AppError USER_NOT_FOUND */
  async get(id: string): Promise<UserView> {
    const user = await this.find(id);
    if (!user) throw new AppError('USER_NOT_FOUND');
    return user;
  }

  /** By id, without the unknown. */
  async findMany(ids: readonly string[]): Promise<Map<string, UserView>> {
    const [rows, roles] = await Promise.all([
      findUsersByIds.rows(this.em, { ids: uuidArray(ids.filter(isUuid)) }),
      this.roles.all(),
    ]);
    const toView = userViews(roles);
    return new Map(rows.map((row) => [row.id, toView(row)]));
  }

  /**
   * A page of the holders of each role, in the order of their names, by the role's id.
   * @throws AppError BAD_USER_INPUT for an impossible size or a foreign cursor
   */
  async pagesOfRoles(roleIds: readonly string[], args: ForwardPageArgs): Promise<Map<string, UserPage>> {
    const { size } = pageSize(args);
    const page = { roleIds: uuidArray(roleIds), limit: size + 1 };
    const { after } = placesOf(args, 'USERNAME');
    const [rows, roles] = await Promise.all([
      isGiven(after)
        ? findNextHolders.replicaRows(this.em, { ...page, after })
        : findFirstHolders.replicaRows(this.em, page),
      this.roles.all(),
    ]);
    const held = Map.groupBy(rows, (row) => row.role_id);
    const toView = userViews(roles);
    return new Map(
      roleIds.map((id) => {
        const found = held.get(id) ?? [];
        const shown = found.slice(0, size);
        return [
          id,
          {
            users: shown.map(toView),
            cursorOf: (i) => encodeCursor('USERNAME', { key: shown[i]!.username_key, id: shown[i]!.id }),
            hasNextPage: found.length > size,
            hasPreviousPage: Boolean(args.after),
          },
        ];
      }),
    );
  }

  /** How many users hold each role, by its id. */
  async countsOfRoles(roleIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await countHolders.replicaRows(this.em, { roleIds: uuidArray(roleIds) });
    const counts = new Map(rows.map(({ role_id, count }) => [role_id, Number(count)]));
    return new Map(roleIds.map((id) => [id, counts.get(id) ?? 0]));
  }

  /**
   * A page of a list that is stable while users come and go, and as cheap far inside the list as at
   * its beginning.
   * @throws AppError BAD_USER_INPUT for impossible page arguments or a foreign cursor
   */
  async page(args: PageArgs, filter: UserFilter = {}, order?: UserSortInput | null): Promise<UserPage> {
    const { size, isBackward } = pageSize(args);
    const sort: UserSort = { field: order?.field ?? 'USERNAME', isDescending: order?.direction === 'DESC' };
    const places = placesOf(args, sort.field);
    const conditions = await conditionsOf(filter, this.roles);
    const statement = findUsersPage({ conditions, places, sort, isBackward, size });
    const [rows, roles] = await Promise.all([
      statement.replicaRows(this.em, { ...conditions, ...places, limit: size + 1 }),
      this.roles.all(),
    ]);
    const more = rows.length > size;
    if (more) rows.pop();
    if (isBackward) rows.reverse();
    const users = rows.map(userViews(roles));
    const keys = rows.map((row) => row.sort_key);
    // the driver's result lives until the next full collection, and would keep the rows of a whole list
    rows.length = 0;
    return {
      users,
      cursorOf: (i) => encodeCursor(sort.field, { key: keys[i]!, id: users[i]!.id }),
      hasNextPage: isBackward ? Boolean(args.before) : more,
      hasPreviousPage: isBackward ? more : Boolean(args.after),
    };
  }

  async count(filter: UserFilter = {}): Promise<number> {
    const conditions = await conditionsOf(filter, this.roles);
    const [row] = await countUsers(conditions).replicaRows(this.em, conditions);
    return Number(row?.count ?? 0);
  }
}

const isGiven = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

function pageSize({ first, last }: PageArgs): { size: number; isBackward: boolean } {
  if (isGiven(first) && isGiven(last)) throw new AppError('BAD_USER_INPUT', { detail: 'Give first or last, not both' });
  const size = first ?? last ?? PAGE_DEFAULT;
  if (size < 0 || size > PAGE_MAX)
    throw new AppError('BAD_USER_INPUT', { detail: `A page holds 0 to ${PAGE_MAX} users, not ${size}` });
  return { size, isBackward: isGiven(last) };
}

/** @throws AppError BAD_USER_INPUT for the cursor of another list */
function placesOf({ after, before }: PageArgs, field: UserSort['field']): UserPlaces {
  const start = after ? decodeCursor(after, { argument: 'after', field }) : null;
  const end = before ? decodeCursor(before, { argument: 'before', field }) : null;
  return {
    ...(start && { after: start.key, afterId: start.id }),
    ...(end && { before: end.key, beforeId: end.id }),
  };
}
