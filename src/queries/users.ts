import { caseFolded } from '../database/case-fold';
import { type Parameter, sql, statement } from '../database/sql';

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

/** Of a user and their roles; the table is `users u`. */
export const USER_COLUMNS = sql`
    u.id, u.username, u.username_key, u.first_name, u.last_name, u.email, u.phone, u.dob::text as dob,
    u.is_active, u.is_verified, u.created_at, u.last_login_at,
    (select string_agg(ur.role_id::text, ',') from user_roles ur where ur.user_id = u.id) as role_ids`;
const USER = sql`select ${USER_COLUMNS} from users u`;

export const findUserById = statement<{ id: string }, UserRow>(
  'find-user-by-id',
  ({ id }) => sql`${USER} where u.id = ${id}`,
);

/** @param ids as PostgreSQL reads an array: `{id,id}` */
export const findUsersByIds = statement<{ ids: string }, UserRow>(
  'find-users-by-ids',
  ({ ids }) => sql`${USER} where u.id = any(${ids}::uuid[])`,
);

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
