import type { Client } from 'pg';
import type { TransferAccount } from './account';
import { SQL_INSTANT } from './instant';

const instantOf = (column: string): string => `to_char(${column} at time zone 'UTC', '${SQL_INSTANT}')`;

/**
 * The columns of an `TransferAccount`, of `users u`. Text that is empty in the table is no text.
 */
export const ACCOUNT_COLUMNS = `u.id, u.username, nullif(u.email, '') as email, nullif(u.phone, '') as phone,
  nullif(u.first_name, '') as "firstName", nullif(u.last_name, '') as "lastName", to_char(u.dob, 'YYYY-MM-DD') as dob,
  array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name collate "C") as roles,
  u.is_active as "isActive", u.is_verified as "isVerified",
  ${instantOf('u.created_at')} as "createdAt", ${instantOf('u.last_login_at')} as "lastLoginAt",
  u.password_hash as "passwordHash", u.password_scheme as "passwordScheme",
  u.token_version as "tokenVersion", ${instantOf('u.tokens_valid_after')} as "tokensValidAfter", u.exempt_token_key as "exemptTokenKey"`;

/**
 * The columns of `users` that come from an `TransferAccount`, each with the member of the JSON
 * record that holds its value.
 */
const COLUMNS: readonly (readonly [column: string, member: Exclude<keyof TransferAccount, 'roles'>, type: string])[] = [
  ['id', 'id', 'uuid'],
  ['username', 'username', 'text'],
  ['email', 'email', 'text'],
  ['phone', 'phone', 'text'],
  ['first_name', 'firstName', 'text'],
  ['last_name', 'lastName', 'text'],
  ['dob', 'dob', 'date'],
  ['is_active', 'isActive', 'boolean'],
  ['is_verified', 'isVerified', 'boolean'],
  ['created_at', 'createdAt', 'timestamptz'],
  ['last_login_at', 'lastLoginAt', 'timestamptz'],
  ['password_hash', 'passwordHash', 'text'],
  ['password_scheme', 'passwordScheme', 'text'],
  ['token_version', 'tokenVersion', 'integer'],
  ['tokens_valid_after', 'tokensValidAfter', 'timestamptz'],
  ['exempt_token_key', 'exemptTokenKey', 'text'],
];

const RECORDS = `json_to_recordset($1) as r(${COLUMNS.map(([, member, type]) => `"${member}" ${type}`).join(', ')})`;

const INSERT = `insert into users (${COLUMNS.map(([column]) => column).join(', ')}, updated_at)
  select ${COLUMNS.map(([, member]) => `r."${member}"`).join(', ')}, $2 from ${RECORDS} on conflict do nothing returning id`;

const UPDATE = `update users u set updated_at = $2, ${COLUMNS.slice(1)
  .map(([column, member]) => `${column} = r."${member}"`)
  .join(', ')} from ${RECORDS} where u.id = r.id`;

const GIVE_ROLES = `insert into user_roles (user_id, role_id)
  select g.id, roles.id from json_to_recordset($1) as g(id uuid, role text) join roles on roles.name = g.role on conflict do nothing`;

const TAKE_ROLES = `delete from user_roles ur using roles
  where roles.id = ur.role_id and ur.user_id = any($1::uuid[])
    and not exists (select from json_to_recordset($2) as g(id uuid, role text) where g.id = ur.user_id and g.role = roles.name)`;

/** Writes accounts, many in a statement, in the transaction that the connection is in. */
export class AccountTable {
  constructor(private readonly client: Client) {}

  /**
   * @returns how many there were room for: an id, a user name or an e-mail address may be
   *   somebody's since it was looked for
   */
  async insert(accounts: readonly TransferAccount[], now: Date): Promise<number> {
    const { rowCount } = await this.client.query(INSERT, [JSON.stringify(accounts), now]);
    return rowCount ?? 0;
  }

  async update(accounts: readonly TransferAccount[], now: Date): Promise<void> {
    await this.client.query(UPDATE, [JSON.stringify(accounts), now]);
  }

  /** @returns how many roles were given */
  async giveRoles(accounts: readonly TransferAccount[]): Promise<number> {
    const { rowCount } = await this.client.query(GIVE_ROLES, [JSON.stringify(grantsOf(accounts))]);
    return rowCount ?? 0;
  }

  /** Takes away what they should not have. */
  async takeRoles(accounts: readonly TransferAccount[]): Promise<void> {
    await this.client.query(TAKE_ROLES, [accounts.map(({ id }) => id), JSON.stringify(grantsOf(accounts))]);
  }
}

const grantsOf = (accounts: readonly TransferAccount[]) =>
  accounts.flatMap(({ id, roles }) => roles.map((role) => ({ id, role })));
