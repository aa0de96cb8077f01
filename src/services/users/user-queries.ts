import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid, uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import {
  countHolders,
  countUsers,
  findFirstHolders,
  findNextHolders,
  findUserById,
  findUsersByIds,
  findUsersPage,
  type UserConditions,
  type UserRow,
} from '../../queries/users';
import { normalizeText } from '../../security/text-limits';
import type { RoleCache, Roles } from '../roles/role-cache';
import { type UserView, userView } from './user-view';

export interface UserFilter {
  /** Part of user name, e-mail, first or last name, in any case. */
  text?: string | null;
  /** Name of a role that the users have. */
  role?: string | null;
  active?: boolean | null;
}

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

export interface UserPage {
  users: UserView[];
  cursors: string[];
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
    return new Map(rows.map((row) => [row.id, userView(row, roles)]));
  }

  /**
   * A page of the holders of each role, in the order of their names, by the role's id.
   * @throws AppError BAD_USER_INPUT for an impossible size or a foreign cursor
   */
  async pagesOfRoles(roleIds: readonly string[], args: ForwardPageArgs): Promise<Map<string, UserPage>> {
    const { size } = pageSize(args);
    const page = { roleIds: uuidArray(roleIds), limit: size + 1 };
    const [rows, roles] = await Promise.all([
      args.after
        ? findNextHolders.replicaRows(this.em, { ...page, after: decodeCursor(args.after, 'after') })
        : findFirstHolders.replicaRows(this.em, page),
      this.roles.all(),
    ]);
    const held = Map.groupBy(rows, (row) => row.role_id);
    return new Map(
      roleIds.map((id) => {
        const found = held.get(id) ?? [];
        const shown = found.slice(0, size);
        return [
          id,
          {
            users: shown.map((row) => userView(row, roles)),
            cursors: shown.map((row) => encodeCursor(row.username_key)),
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
   * A page in the order of user names: stable while users come and go, and as cheap far inside the
   * list as at its beginning.
   * @throws AppError BAD_USER_INPUT for impossible page arguments or a foreign cursor
   */
  async page(args: PageArgs, filter: UserFilter = {}): Promise<UserPage> {
    const { size, order } = pageSize(args);
    const conditions = {
      ...conditionsOf(filter),
      ...(args.after && { after: decodeCursor(args.after, 'after') }),
      ...(args.before && { before: decodeCursor(args.before, 'before') }),
    };
    const [rows, roles] = await Promise.all([
      findUsersPage({ conditions, size, order }).replicaRows(this.em, { ...conditions, limit: size + 1 }),
      this.roles.all(),
    ]);
    const more = rows.length > size;
    if (more) rows.pop();
    if (order === 'backward') rows.reverse();
    const users = rows.map((row) => userView(row, roles));
    const cursors = rows.map((row) => encodeCursor(row.username_key));
    // the driver's result lives until the next full collection, and would keep the rows of a whole list
    rows.length = 0;
    return {
      users,
      cursors,
      hasNextPage: order === 'backward' ? Boolean(args.before) : more,
      hasPreviousPage: order === 'backward' ? more : Boolean(args.after),
    };
  }

  async count(filter: UserFilter = {}): Promise<number> {
    const conditions = conditionsOf(filter);
    const [row] = await countUsers(conditions).replicaRows(this.em, conditions);
    return Number(row?.count ?? 0);
  }
}

const isGiven = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

function pageSize({ first, last }: PageArgs): { size: number; order: 'forward' | 'backward' } {
  if (isGiven(first) && isGiven(last)) throw new AppError('BAD_USER_INPUT', { detail: 'Give first or last, not both' });
  const size = first ?? last ?? PAGE_DEFAULT;
  if (size < 0 || size > PAGE_MAX)
    throw new AppError('BAD_USER_INPUT', { detail: `A page holds 0 to ${PAGE_MAX} users, not ${size}` });
  return { size, order: isGiven(last) ? 'backward' : 'forward' };
}

/** Text as PostgreSQL can hold it: another text is in no row. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '');

/** @throws AppError BAD_USER_INPUT for more than a user's texts can hold together */
function searchedText(text: string): string {
  const normalized = normalizeText(text, 'search');
  if (normalized === null) throw new AppError('BAD_USER_INPUT', { detail: 'The text of the filter is too long' });
  return storable(normalized);
}

function conditionsOf({ text, role, active }: UserFilter): UserConditions {
  return {
    ...(text && { text: searchedText(text).replace(/[\\%_]/g, '\\$&') }),
    ...(role && { role: storable(role) }),
    ...(isGiven(active) && { active }),
  };
}

const CURSOR = 'user:';
const encodeCursor = (key: string): string => Buffer.from(CURSOR + key, 'utf8').toString('base64url');

function decodeCursor(cursor: string, argument: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith(CURSOR) || text.includes('\0'))
    throw new AppError('BAD_USER_INPUT', { detail: `"${argument}" is not a cursor of this connection` });
  return text.slice(CURSOR.length);
}
