import { caseFolded } from '../database/case-fold';
import { type Parameter, type Sql, sql, statement } from '../database/sql';

// The account transfer sends rows as one JSON parameter, so that a statement handles a batch of any
// size.

/** An account as the transfer reads and writes it; instants are text in UTC with microseconds. */
export interface TransferAccountRow {
  /** UUID, lower case. */
  id: string;
  username: string;
  email: string | null;
  phone: string | null;
  firstName: string | null;
  lastName: string | null;
  /** Calendar date, YYYY-MM-DD. */
  dob: string | null;
  /** Names. */
  roles: string[];
  isActive: boolean;
  isVerified: boolean;
  createdAt: string;
  lastLoginAt: string | null;
  passwordHash: string;
  passwordScheme: string;
  /** The last three keep ended tokens ended; a file of another service has none of them. */
  tokenVersion: number;
  tokensValidAfter: string | null;
  exemptTokenKey: string | null;
}

const instant = (column: Sql): Sql => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Columns of a TransferAccountRow, from `users u`; empty text counts as none. */
const accountColumns = sql`
  u.id, u.username, nullif(u.email, '') as email, nullif(u.phone, '') as phone,
  nullif(u.first_name, '') as "firstName", nullif(u.last_name, '') as "lastName", to_char(u.dob, 'YYYY-MM-DD') as dob,
  array(select r.name from user_roles ur join roles r on r.id = ur.role_id
    where ur.user_id = u.id order by r.name collate "C") as roles,
  u.is_active as "isActive", u.is_verified as "isVerified",
  ${instant(sql`u.created_at`)} as "createdAt", ${instant(sql`u.last_login_at`)} as "lastLoginAt",
  u.password_hash as "passwordHash", u.password_scheme as "passwordScheme", u.token_version as "tokenVersion",
  ${instant(sql`u.tokens_valid_after`)} as "tokensValidAfter", u.exempt_token_key as "exemptTokenKey"`;

/** Accounts of the file, as JSON, with the types of their columns in `users`. */
const givenAccounts = (accounts: Parameter): Sql => sql`
  json_to_recordset(${accounts}) as r(
    id uuid, username text, email text, phone text, "firstName" text, "lastName" text, dob date,
    "isActive" boolean, "isVerified" boolean, "createdAt" timestamptz, "lastLoginAt" timestamptz,
    "passwordHash" text, "passwordScheme" text, "tokenVersion" integer, "tokensValidAfter" timestamptz,
      "exemptTokenKey" text
  )`;

/** A page of all accounts in the order of their ids. @param after the last id of the page before */
export const listAccountsToExport = statement<{ after: string | null; limit: number }, TransferAccountRow>(
  'list-accounts-to-export',
  ({ after, limit }) => sql`
    select ${accountColumns} from users u
    where ${after}::uuid is null or u.id > ${after}::uuid
    order by u.id limit ${limit}`,
);

/** Adds accounts whose id, user name and e-mail address are free. @param accounts JSON */
export const insertAccounts = statement<{ accounts: string; now: Date }>(
  'insert-accounts',
  ({ accounts, now }) => sql`
    insert into users (
      id, username, email, phone, first_name, last_name, dob, is_active, is_verified, created_at, last_login_at,
      password_hash, password_scheme, token_version, tokens_valid_after, exempt_token_key, updated_at
    )
    select r.id, r.username, r.email, r.phone, r."firstName", r."lastName", r.dob, r."isActive", r."isVerified",
      r."createdAt",
      r."lastLoginAt", r."passwordHash", r."passwordScheme", r."tokenVersion", r."tokensValidAfter",
        r."exemptTokenKey", ${now}
    from ${givenAccounts(accounts)} on conflict do nothing returning id`,
);

/** Overwrites everything but the id. @param accounts JSON */
export const updateAccounts = statement<{ accounts: string; now: Date }>(
  'update-accounts',
  ({ accounts, now }) => sql`
    update users u set
      username = r.username, email = r.email, phone = r.phone, first_name = r."firstName", last_name = r."lastName",
        dob = r.dob,
      is_active = r."isActive", is_verified = r."isVerified", created_at = r."createdAt",
        last_login_at = r."lastLoginAt",
      password_hash = r."passwordHash", password_scheme = r."passwordScheme", token_version = r."tokenVersion",
      tokens_valid_after = r."tokensValidAfter", exempt_token_key = r."exemptTokenKey", updated_at = ${now}
    from ${givenAccounts(accounts)} where u.id = r.id`,
);

const givenRoles = (grants: Parameter): Sql => sql`json_to_recordset(${grants}) as g(id uuid, role text)`;

/** @param grants JSON of user ids and role names */
export const assignAccountRoles = statement<{ grants: string }>(
  'assign-account-roles',
  ({ grants }) => sql`
    insert into user_roles (user_id, role_id)
    select g.id, roles.id from ${givenRoles(grants)} join roles on roles.name = g.role on conflict do nothing`,
);

/** Takes every role from these accounts that `grants` does not list. @param ids `{id,id}` */
export const unassignOtherAccountRoles = statement<{ ids: string; grants: string }>(
  'unassign-other-account-roles',
  ({ ids, grants }) => sql`
    delete from user_roles ur using roles
    where roles.id = ur.role_id and ur.user_id = any(${ids}::uuid[])
      and not exists (select from ${givenRoles(grants)} where g.id = ur.user_id and g.role = roles.name)`,
);

const matches = (rows: Parameter): Sql => sql`
  from json_to_recordset(${rows}) as r(id uuid, "usernameKey" text, "emailKey" text) join users m on`;

const matchingAccounts = (rows: Parameter): Sql => sql`
  select u.username_key as "usernameKey", u.email_key as "emailKey", ${accountColumns} from users u where u.id in (
    select m.id ${matches(rows)} m.id = r.id
    union all select m.id ${matches(rows)} m.username_key = r."usernameKey"
    union all select m.id ${matches(rows)} m.email_key = r."emailKey"
  ) order by u.id`;

type MatchingAccount = TransferAccountRow & { usernameKey: string; emailKey: string | null };

/** Accounts that share an id, a user name or an e-mail address with rows of the file. @param rows JSON */
export const findMatchingAccounts = statement<{ rows: string }, MatchingAccount>('find-matching-accounts', ({ rows }) =>
  matchingAccounts(rows),
);

/** The same, locked until the end of the transaction. */
export const lockMatchingAccounts = statement<{ rows: string }, MatchingAccount>(
  'lock-matching-accounts',
  ({ rows }) => sql`${matchingAccounts(rows)} for no key update of u`,
);

/** Which line of the file has claimed a user name, an e-mail address or an id. */
export const createClaimedNames = statement(
  'create-claimed-names',
  () => sql`
    create temp table claimed (line bigint not null, id uuid unique, username_key text not null unique,
      email_key text unique)`,
);

const claimants = (rows: Parameter): Sql => sql`
  json_to_recordset(${rows}) as r(line bigint, id uuid, username text, email text)`;

/** Claims for the first line; returns the lines that got all they ask for. @param rows JSON */
export const claimNames = statement<{ rows: string }, { line: number; usernameKey: string; emailKey: string | null }>(
  'claim-names',
  ({ rows }) => sql`
    insert into claimed (line, id, username_key, email_key)
    select r.line, r.id, ${caseFolded(sql`r.username`)}, ${caseFolded(sql`r.email`)}
      from ${claimants(rows)} order by r.line
    on conflict do nothing returning line::int, username_key as "usernameKey", email_key as "emailKey"`,
);

/** The earlier lines that hold what these lines ask for. @param rows JSON */
export const findEarlierClaims = statement<
  { rows: string },
  { line: number; username: number | null; email: number | null; id: number | null }
>(
  'find-earlier-claims',
  ({ rows }) => sql`
    select r.line::int,
      (select min(c.line) from claimed c where c.username_key = ${caseFolded(sql`r.username`)})::int as username,
      (select min(c.line) from claimed c where c.email_key = ${caseFolded(sql`r.email`)})::int as email,
      (select min(c.line) from claimed c where c.id = r.id)::int as id
    from ${claimants(rows)} order by r.line`,
);

/** @param ids `{id,id}` */
export const endSessionsOfAccounts = statement<{ ids: string; reason: string; now: Date }>(
  'end-sessions-of-accounts',
  ({ ids, reason, now }) => sql`
    update sessions set revoked_at = ${now}, revoke_reason = ${reason}
    where user_id = any(${ids}::uuid[]) and revoked_at is null`,
);

/** @param ids `{id,id}` */
export const deleteCodesOfAccounts = statement<{ ids: string }>(
  'delete-codes-of-accounts',
  ({ ids }) => sql`delete from one_time_codes where user_id = any(${ids}::uuid[])`,
);

export const listRoleNames = statement<object, { name: string }>('list-role-names', () => sql`select name from roles`);

/** Makes roles without permissions. @param names JSON array */
export const insertRoles = statement<{ names: string }>(
  'insert-roles',
  ({ names }) => sql`insert into roles (name) select json_array_elements_text(${names}) on conflict do nothing`,
);

export const findActiveHolder = statement<{ role: string }, { id: string }>(
  'find-active-holder',
  ({ role }) => sql`
    select u.id from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
    where r.name = ${role} and u.is_active limit 1`,
);

export const findSeedMark = statement<{ name: string }, { name: string }>(
  'find-seed-mark',
  ({ name }) => sql`select name from seed_marks where name = ${name}`,
);

export const insertSeedMark = statement<{ name: string }>(
  'insert-seed-mark',
  ({ name }) => sql`insert into seed_marks (name) values (${name}) on conflict do nothing`,
);

export const deleteSeedMark = statement<{ name: string }>(
  'delete-seed-mark',
  ({ name }) => sql`delete from seed_marks where name = ${name}`,
);

/** The audit event of an import, which no user is the actor of. @param detail JSON */
export const insertImportEvent = statement<{ now: Date; detail: string }, { id: string }>(
  'insert-import-event',
  ({ now, detail }) => sql`
    insert into audit_events (at, action, detail) values (${now}, 'accounts.imported', ${detail}) returning id`,
);

/** @param detail JSON */
export const updateImportEvent = statement<{ id: string; detail: string }>(
  'update-import-event',
  ({ id, detail }) => sql`update audit_events set detail = ${detail} where id = ${id}`,
);

/** Whether any version of this program has used the database. */
export const findMigrationsTable = statement<object, { exists: boolean }>(
  'find-migrations-table',
  () => sql`select to_regclass('mikro_orm_migrations') is not null as exists`,
);

export const listExecutedMigrations = statement<object, { name: string }>(
  'list-executed-migrations',
  () => sql`select name from mikro_orm_migrations`,
);

/** One moment of the whole database, for an export. */
export const beginSnapshot = statement('begin-snapshot', () => sql`begin isolation level repeatable read read only`);

/** For a dry run: PostgreSQL refuses every write of this connection from here on. */
export const makeConnectionReadOnly = statement(
  'make-connection-read-only',
  () => sql`set default_transaction_read_only = on`,
);
