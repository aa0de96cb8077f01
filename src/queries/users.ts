import { caseFolded } from '../database/case-fold';
import { join, type Parameter, Sql, type Statement, sql, statement } from '../database/sql';

export interface UserRow {
  id: string;
  username: string;
  username_key: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  dob: string | null;
  is_active: boolean;
  is_verified: boolean;
  created_at: Date | string;
  last_login_at: Date | string | null;
  /** Separated by commas: the driver's parser of arrays costs more than the roles. */
  role_ids: string | null;
}

const COLUMNS = sql`u.id, u.username, u.username_key, u.first_name, u.last_name, u.email, u.phone, u.dob::text as dob,
    u.is_active, u.is_verified, u.created_at, u.last_login_at,
    (select string_agg(ur.role_id::text, ',') from user_roles ur where ur.user_id = u.id) as role_ids`;
const USER = sql`select ${COLUMNS} from users u`;

export const findUserById = statement<{ id: string }, UserRow>(
  'find-user-by-id',
  ({ id }) => sql`${USER} where u.id = ${id}`,
);

/** @param ids as PostgreSQL reads an array: `{id,id}` */
export const findUsersByIds = statement<{ ids: string }, UserRow>(
  'find-users-by-ids',
  ({ ids }) => sql`${USER} where u.id = any(${ids}::uuid[])`,
);

/** Which users a list holds; what is undefined does not narrow it. */
export interface UserConditions {
  /** Part of the searched text, escaped for `like`. */
  text?: string;
  /** Name of a role. */
  role?: string;
  active?: boolean;
  /** Keys of the users before the first and behind the last one. */
  after?: string;
  before?: string;
}

type Condition = keyof UserConditions;
type Places<P> = { readonly [K in keyof P]-?: Parameter };

const CONDITIONS: Record<Condition, (at: Places<UserConditions>) => Sql> = {
  text: ({ text }) => sql`u.search_text like ('%' || ${caseFolded(text)} || '%')`,
  role: ({ role }) =>
    sql`exists (select from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id
      and r.name = ${role})`,
  active: ({ active }) => sql`u.is_active = ${active}`,
  after: ({ after }) => sql`u.username_key > ${after}`,
  before: ({ before }) => sql`u.username_key < ${before}`,
};

const givenIn = (conditions: UserConditions): Condition[] =>
  (Object.keys(CONDITIONS) as Condition[]).filter((name) => conditions[name] !== undefined);

function where(names: readonly Condition[], at: Places<UserConditions>): Sql {
  if (names.length === 0) return sql``;
  const all = names.map((name) => CONDITIONS[name](at));
  return sql` where ${join(all, sql` and `)}`;
}

/** Pages of these sizes without a filter are few statements that are used again and again. */
const USUAL_SIZES = new Set([50, 100, 1000]);

const ORDER = { forward: sql` order by u.username_key asc`, backward: sql` order by u.username_key desc` };

type PageParams = UserConditions & { limit: number };
const pages = new Map<string, Statement<PageParams, UserRow>>();

/**
 * Users in the order of their names, one more than the page holds. A statement for each shape: a
 * usual page keeps its plan, with its size in the text, so that the plan fits the size.
 */
export function findUsersPage(page: { conditions: UserConditions; size: number; order: keyof typeof ORDER }) {
  const { conditions, size, order } = page;
  const names = givenIn(conditions);
  const isUsual = USUAL_SIZES.has(size) && names.every((name) => name === 'after' || name === 'before');
  const shape = [order, isUsual ? size : 'any', ...names].join('-');
  const found = pages.get(shape);
  if (found) return found;
  const limit = (at: Places<PageParams>) => (isUsual ? new Sql([` limit ${size + 1}`], []) : sql` limit ${at.limit}`);
  const made = statement<PageParams, UserRow>(
    `find-users-${shape}`,
    (at) => sql`${USER}${where(names, at)}${ORDER[order]}${limit(at)}`,
    { keepsPlan: isUsual },
  );
  pages.set(shape, made);
  return made;
}

interface HoldersPage {
  /** As PostgreSQL reads an array: `{id,id}`. */
  roleIds: string;
  /** Rows for each role. */
  limit: number;
}

/** Up to here, a role's holders are sorted; the users of a larger role are read in order. */
const FEW_HOLDERS = sql`5000`;

/**
 * The planner knows how many users an average role has, and would read a million users in order to
 * find three; so that each role is counted first. `offset 0` keeps it from joining in the order of
 * the names.
 */
const holders = (at: Places<HoldersPage>, condition: Sql): Sql => sql`
  with role as materialized (
    select id, (select count(*) from (
      select from user_roles held where held.role_id = given.id limit ${FEW_HOLDERS}
    ) as counted) < ${FEW_HOLDERS} as has_few from unnest(${at.roleIds}::uuid[]) as given (id)
  )
  select role.id as role_id, holder.* from role cross join lateral (
    (select * from (
      select ${COLUMNS} from (
        select user_id from user_roles where role_id = role.id and role.has_few limit ${FEW_HOLDERS}
      ) as held join users u on u.id = held.user_id ${condition} offset 0
    ) as few order by username_key limit ${at.limit}::int)
    union all
    (select ${COLUMNS} from users u where not role.has_few
      and (select true from user_roles held where held.user_id = u.id and held.role_id = role.id) ${condition}
      order by u.username_key limit ${at.limit}::int)
  ) as holder order by role.id, holder.username_key`;

type HolderRow = UserRow & { role_id: string };

/** The first holders of each role, by their names. */
export const findFirstHolders = statement<HoldersPage, HolderRow>('find-first-holders', (at) => holders(at, sql``));

/** The next holders of each role, by their names. */
export const findNextHolders = statement<HoldersPage & { after: string }, HolderRow>('find-next-holders', (at) =>
  holders(at, sql`and u.username_key > ${at.after}`),
);

/** How many users hold each role; no row for a role without holders. */
export const countHolders = statement<{ roleIds: string }, { role_id: string; count: string }>(
  'count-holders',
  ({ roleIds }) =>
    sql`select role_id, count(*) as count from user_roles where role_id = any(${roleIds}::uuid[]) group by role_id`,
);

const counts = new Map<string, Statement<UserConditions, { count: string }>>();

export function countUsers(conditions: UserConditions) {
  const names = givenIn(conditions);
  const shape = ['all', ...names].join('-');
  const found = counts.get(shape);
  if (found) return found;
  const made = statement<UserConditions, { count: string }>(
    `count-users-${shape}`,
    (at) => sql`select count(*) as count from users u${where(names, at)}`,
    { keepsPlan: false },
  );
  counts.set(shape, made);
  return made;
}

/** Makes transactions that want the same name or address wait for each other; null wants none. */
export const lockIdentifiers = statement<{ username: string | null; email: string | null }, object>(
  'lock-identifiers',
  ({ username, email }) => sql`select pg_advisory_xact_lock(hashtextextended(name, 0)) from (
      select distinct name from (values (${caseFolded(username)}), (${caseFolded(email)})) as names (name)
      where name is not null order by name
    ) as wanted`,
);

interface Identifiers {
  username: string | null;
  email: string | null;
  /** Id of the account that may have them. */
  except: string | null;
}

/** Whether another account has the name or the address, as its name or as its address. */
export const findTakenIdentifiers = statement<Identifiers, { username: boolean; email: boolean }>(
  'find-taken-identifiers',
  ({ username, email, except }) => {
    const isTaken = (name: Parameter) => sql`exists (select from users u
      where (u.username_key = ${caseFolded(name)} or u.email_key = ${caseFolded(name)})
        and u.id is distinct from ${except}::uuid)`;
    return sql`select ${isTaken(username)} as username, ${isTaken(email)} as email`;
  },
);

export interface StoredPasswordRow {
  username: string;
  email: string | null;
  password_hash: string;
  password_scheme: 'imported' | 'bcrypt' | 'bcrypt-hmac-sha384';
}

export const findStoredPassword = statement<{ id: string }, StoredPasswordRow>(
  'find-stored-password',
  ({ id }) => sql`select username, email, password_hash, password_scheme from users where id = ${id}`,
);

/** Roughly how many users there are, by PostgreSQL's own statistics; -1 before the first count. */
export const estimateUserCount = statement<Record<never, never>, { estimate: number }>(
  'estimate-user-count',
  () => sql`select reltuples::int as estimate from pg_class where oid = 'users'::regclass`,
);

/** bcrypt's costs in a sample of the stored hashes. @param percent of the table's pages */
export const sampleHashCosts = statement<{ percent: number; limit: number }, { cost: string; count: number }>(
  'sample-hash-costs',
  ({ percent, limit }) => sql`select substr(password_hash, 5, 2) as cost, count(*)::int as count from (
      select password_hash from users tablesample system (${percent}::real) limit ${limit}
    ) as sample where password_hash like '$2_$__$%' group by cost`,
  { keepsPlan: false },
);

interface NewPassword {
  id: string;
  hash: string;
  scheme: string;
}

export const setPassword = statement<NewPassword>(
  'set-password',
  ({ id, hash, scheme }) => sql`update users set password_hash = ${hash}, password_scheme = ${scheme} where id = ${id}`,
);

/** Sets a password only while the former one is still in force. */
export const replacePassword = statement<NewPassword & { formerHash: string }, { id: string }>(
  'replace-password',
  ({ id, hash, scheme, formerHash }) =>
    sql`update users set password_hash = ${hash}, password_scheme = ${scheme}
        where id = ${id} and password_hash = ${formerHash} returning id`,
);

export const disableUserById = statement<{ id: string; now: Date }, { id: string }>(
  'disable-user',
  ({ id, now }) =>
    sql`update users set is_active = false, updated_at = ${now} where id = ${id} and is_active returning id`,
);

export const enableUserById = statement<{ id: string; now: Date }, { id: string }>(
  'enable-user',
  ({ id, now }) =>
    sql`update users set is_active = true, updated_at = ${now} where id = ${id} and not is_active returning id`,
);

export const deleteUserById = statement<{ id: string }, { id: string }>(
  'delete-user',
  ({ id }) => sql`delete from users where id = ${id} returning id`,
);

interface UserRole {
  userId: string;
  roleId: string;
}

export const insertUserRole = statement<UserRole>(
  'insert-user-role',
  ({ userId, roleId }) =>
    sql`insert into user_roles (user_id, role_id) values (${userId}, ${roleId}) on conflict do nothing`,
);

export const deleteUserRole = statement<UserRole>(
  'delete-user-role',
  ({ userId, roleId }) => sql`delete from user_roles where user_id = ${userId} and role_id = ${roleId}`,
);
