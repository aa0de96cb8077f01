import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { caseFold } from '../../database/case-fold';
import { replicaRows, sqlRow, sqlRows } from '../../database/positional-sql';
import { type Prepared, prepare } from '../../database/prepared';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import type { RoleCache, Roles } from '../roles/role-cache';
import { USER_COLUMNS, type UserRow, type UserView, userView } from './user-view';

export interface UserFilter {
  /** Part of user name, e-mail, first or last name, in any case. */
  text?: string | null;
  /** Name of a role that the users have. */
  role?: string | null;
  active?: boolean | null;
}

/** A page of a Relay connection: forward with first/after, backward with last/before. */
export interface PageArgs {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

export interface UserPage {
  users: UserView[];
  cursors: string[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

const BY_ID = prepare('user-by-id', `select ${USER_COLUMNS} from users u where u.id = ?`);

export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 1000;

/** Reads users with their roles. A page is one statement; roles come from the role cache. */
export class UserQueries {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly roles: RoleCache,
  ) {}

  async find(id: string, em: SqlEntityManager = this.em): Promise<UserView | null> {
    const [row, roles] = await Promise.all([this.findRow(id, em), this.roles.all()]);
    return row ? userView(row, roles) : null;
  }

  private async findRow(id: string, em: SqlEntityManager): Promise<UserRow | undefined> {
    return isUuid(id) ? sqlRow<UserRow>(em, BY_ID, [id]) : undefined;
  }

  /** For those who keep it. @throws AppError USER_NOT_FOUND */
  async getRow(id: string): Promise<UserRow> {
    const row = await this.findRow(id, this.em);
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

  /** For a DataLoader: in the order of the ids, null for the unknown. */
  async findMany(ids: readonly string[]): Promise<(UserView | null)[]> {
    const known = ids.filter(isUuid);
    const [rows, roles] = await Promise.all([
      sqlRows<UserRow>(this.em, `select ${USER_COLUMNS} from users u where u.id = any(?::uuid[])`, [
        `{${known.join(',')}}`,
      ]),
      this.roles.all(),
    ]);
    const byId = new Map(rows.map((row) => [row.id, userView(row, roles)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /**
   * A page in the order of user names: stable while users come and go, and as cheap far inside the
   * list as at its beginning.
   * @throws AppError BAD_USER_INPUT for impossible page arguments or a foreign cursor
   */
  async page(args: PageArgs, filter: UserFilter = {}): Promise<UserPage> {
    const { size, backward } = pageSize(args);
    const { where, values } = conditions(filter);
    const isUsual = where.length === 0 && USUAL_SIZES.has(size);
    if (args.after) {
      where.push('u.username_key > ?');
      values.push(decodeCursor(args.after, 'after'));
    }
    if (args.before) {
      where.push('u.username_key < ?');
      values.push(decodeCursor(args.before, 'before'));
    }
    const sql = `select ${USER_COLUMNS} from users u ${whereClause(where)} order by u.username_key ${backward ? 'desc' : 'asc'} limit `;
    const loading = isUsual
      ? replicaRows<UserRow>(this.em, preparedPage(`${sql}${size + 1}`), values)
      : replicaRows<UserRow>(this.em, `${sql}?`, [...values, size + 1]);
    const [rows, roles] = await Promise.all([loading, this.roles.all()]);
    const more = rows.length > size;
    if (more) rows.pop();
    if (backward) rows.reverse();
    const users = rows.map((row) => userView(row, roles));
    const cursors = rows.map((row) => encodeCursor(row.username_key));
    rows.length = 0; // the driver's objects live on until the next full collection, and would keep the rows of a whole list with them
    return {
      users,
      cursors,
      hasNextPage: backward ? Boolean(args.before) : more,
      hasPreviousPage: backward ? more : Boolean(args.after),
    };
  }

  async count(filter: UserFilter = {}): Promise<number> {
    const { where, values } = conditions(filter);
    const [row] = await replicaRows<{ count: string }>(
      this.em,
      `select count(*) as count from users u ${whereClause(where)}`,
      values,
    );
    return Number(row?.count ?? 0);
  }
}

/** Pages of these sizes without a filter are few statements that are asked for again and again. */
const USUAL_SIZES = new Set([PAGE_DEFAULT, 100, PAGE_MAX]);
const preparedPages = new Map<string, Prepared>();

function preparedPage(sql: string): Prepared {
  const statement = preparedPages.get(sql) ?? prepare(`users-page-${preparedPages.size}`, sql);
  preparedPages.set(sql, statement);
  return statement;
}

function pageSize({ first, last }: PageArgs): { size: number; backward: boolean } {
  const both = first !== null && first !== undefined && last !== null && last !== undefined;
  if (both) throw new AppError('BAD_USER_INPUT', { detail: 'Give first or last, not both' });
  const size = first ?? last ?? PAGE_DEFAULT;
  if (size < 0 || size > PAGE_MAX)
    throw new AppError('BAD_USER_INPUT', { detail: `A page holds 0 to ${PAGE_MAX} users, not ${size}` });
  return { size, backward: last !== null && last !== undefined };
}

function conditions(filter: UserFilter): { where: string[]; values: (string | boolean)[] } {
  const where: string[] = [];
  const values: (string | boolean)[] = [];
  if (filter.text) {
    where.push(`u.search_text like ('%' || ${caseFold('?::text')} || '%')`);
    values.push(
      filter.text
        .toWellFormed()
        .replaceAll('\0', '')
        .normalize('NFC')
        .replace(/[\\%_]/g, '\\$&'),
    );
  }
  if (filter.role) {
    where.push(
      'exists (select from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id and r.name = ?)',
    );
    values.push(filter.role.toWellFormed().replaceAll('\0', ''));
  }
  if (filter.active !== null && filter.active !== undefined) {
    where.push('u.is_active = ?');
    values.push(filter.active);
  }
  return { where, values };
}

const whereClause = (where: string[]): string => (where.length > 0 ? `where ${where.join(' and ')}` : '');

const CURSOR = 'user:';
const encodeCursor = (key: string): string => Buffer.from(CURSOR + key, 'utf8').toString('base64url');

function decodeCursor(cursor: string, argument: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith(CURSOR) || text.includes('\0'))
    throw new AppError('BAD_USER_INPUT', { detail: `"${argument}" is not a cursor of this connection` });
  return text.slice(CURSOR.length);
}
