import { caseFolded } from '../database/case-fold';
import { join, type Parameter, type Places, Sql, type Statement, sql, statement } from '../database/sql';
import { microsecondsOf, momentAt } from './moments';
import { USER_COLUMNS, type UserRow } from './users';

/** Which users a list holds; what is undefined does not narrow it. */
export interface UserConditions {
  /** Part of the searched text, escaped for `like`. */
  text?: string;
  roleId?: string;
  active?: boolean;
  createdFrom?: Date;
  /** The moment behind the period, as below. */
  createdUntil?: Date;
  lastLoginFrom?: Date;
  lastLoginUntil?: Date;
}

/** As its index has it: who has never logged in comes before all others. */
const LAST_LOGIN = sql`coalesce(u.last_login_at, '-infinity'::timestamptz)`;

const CONDITIONS: Record<keyof UserConditions, (at: Places<UserConditions>) => Sql> = {
  text: ({ text }) => sql`u.search_text like ('%' || ${caseFolded(text)} || '%')`,
  roleId: ({ roleId }) =>
    sql`exists (select from user_roles ur where ur.user_id = u.id and ur.role_id = ${roleId}::uuid)`,
  active: ({ active }) => sql`u.is_active = ${active}`,
  createdFrom: ({ createdFrom }) => sql`u.created_at >= ${createdFrom}::timestamptz`,
  createdUntil: ({ createdUntil }) => sql`u.created_at < ${createdUntil}::timestamptz`,
  lastLoginFrom: ({ lastLoginFrom }) => sql`${LAST_LOGIN} >= ${lastLoginFrom}::timestamptz`,
  lastLoginUntil: ({ lastLoginUntil }) =>
    sql`u.last_login_at is not null and ${LAST_LOGIN} < ${lastLoginUntil}::timestamptz`,
};

interface Sort {
  /** What is sorted; never null. */
  key: Sql;
  /** The same as a cursor holds it: a text, or microseconds since 1970. */
  shown: Sql;
  /** The key of what a cursor holds. */
  keyOf: (shown: Parameter) => Sql;
}

/** By the user name, which is unique, or by a key and the id. An index stands behind each. */
const SORTS = {
  USERNAME: { key: sql`u.username_key`, shown: sql`u.username_key`, keyOf: (shown) => sql`${shown}` },
  EMAIL: {
    key: sql`coalesce(u.email_key, '')`,
    shown: sql`u.email_key`,
    keyOf: (shown) => sql`coalesce(${shown}::text, '')`,
  },
  CREATED_AT: { key: sql`u.created_at`, shown: microsecondsOf(sql`u.created_at`), keyOf: momentAt },
  LAST_LOGIN_AT: {
    key: LAST_LOGIN,
    shown: microsecondsOf(sql`u.last_login_at`),
    keyOf: (shown) => sql`coalesce(${momentAt(shown)}, '-infinity'::timestamptz)`,
  },
} as const satisfies Record<string, Sort>;

export type UserSortField = keyof typeof SORTS;

/** The users before the first and behind the last one: what their cursors hold, and their ids. */
export interface UserPlaces {
  after?: string | null;
  afterId?: string;
  before?: string | null;
  beforeId?: string;
}

export interface SortedUserRow extends UserRow {
  /** What a cursor holds of the user; null where the user has no such value. */
  sort_key: string | null;
}

export interface UserSort {
  field: UserSortField;
  isDescending: boolean;
}

export interface UserPageShape {
  conditions: UserConditions;
  places: UserPlaces;
  sort: UserSort;
  /** Whether the page is read from its end. */
  isBackward: boolean;
  size: number;
}

type PageParams = UserConditions & UserPlaces & { limit: number };

const isGiven = (values: object, name: string): boolean => (values as Record<string, unknown>)[name] !== undefined;

function filterOf(conditions: UserConditions): (keyof UserConditions)[] {
  return (Object.keys(CONDITIONS) as (keyof UserConditions)[]).filter((name) => isGiven(conditions, name));
}

const where = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? sql`` : sql` where ${join(conditions, sql` and `)}`;

/** The condition that a user stands behind or before a place of the list. */
function beside(side: 'after' | 'before', { field, isDescending }: UserSort, at: Places<UserPlaces>): Sql {
  const { key, keyOf } = SORTS[field];
  const operator = (side === 'after') === isDescending ? sql`<` : sql`>`;
  return field === 'USERNAME'
    ? sql`${key} ${operator} ${keyOf(at[side])}`
    : sql`(${key}, u.id) ${operator} (${keyOf(at[side])}, ${at[`${side}Id`]}::uuid)`;
}

/** Pages of these sizes without a filter are few statements, which are kept and used again. */
const USUAL_SIZES = new Set([50, 100, 1000]);

const usualPages = new Map<string, Statement<PageParams, SortedUserRow>>();

/**
 * Users in order, one more than the page holds. A usual page keeps its plan, with its size in the
 * text, so that the plan fits the size.
 */
export function findUsersPage(page: UserPageShape): Statement<PageParams, SortedUserRow> {
  const { conditions, places, sort, isBackward, size } = page;
  const filter = filterOf(conditions);
  const sides = (['after', 'before'] as const).filter((side) => isGiven(places, side));
  const keepsPlan = USUAL_SIZES.has(size) && filter.length === 0;
  const isDescending = sort.isDescending !== isBackward;
  const name = ['find-users', sort.field, isDescending ? 'desc' : 'asc', size, ...sides].join('-').toLowerCase();
  const found = keepsPlan ? usualPages.get(name) : undefined;
  if (found) return found;
  const { key, shown } = SORTS[sort.field];
  const direction = isDescending ? sql`desc` : sql`asc`;
  const byId = sort.field === 'USERNAME' ? sql`` : sql`, u.id ${direction}`;
  const made = statement<PageParams, SortedUserRow>(
    name,
    (at) => {
      const all = [...filter.map((name) => CONDITIONS[name](at)), ...sides.map((side) => beside(side, sort, at))];
      const limit = keepsPlan ? new Sql([String(size + 1)], []) : sql`${at.limit}`;
      return sql`select ${USER_COLUMNS}, ${shown} as sort_key from users u${where(all)}
        order by ${key} ${direction}${byId} limit ${limit}`;
    },
    { keepsPlan },
  );
  if (keepsPlan) usualPages.set(name, made);
  return made;
}

export function countUsers(conditions: UserConditions): Statement<UserConditions, { count: string }> {
  const filter = filterOf(conditions);
  return statement<UserConditions, { count: string }>(
    'count-users',
    (at) => sql`select count(*) as count from users u${where(filter.map((name) => CONDITIONS[name](at)))}`,
    { keepsPlan: false },
  );
}
