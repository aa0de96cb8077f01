import { caseFolded } from '../database/case-fold';
import { type Sql, sql, statement } from '../database/sql';

export interface AccountRow {
  id: string;
  username: string;
  email: string | null;
  is_active: boolean;
  is_verified: boolean;
  token_version: number;
  tokens_valid_after: Date | string | null;
  exempt_token_key: string | null;
  created_at: Date | string;
  roles: string[];
  permissions: string[];
}

export interface TokenStateRow extends AccountRow {
  revoked: boolean;
  /** Null for a token without a session, or of a revoked one. */
  live_until: Date | string | null;
}

/** One row, whatever was found: a pooler may hand out a connection to a standby, which may lack what was looked for. */
export type PrimaryAnswer<Row> = { is_standby: boolean } & (Row | { id: null });

const fromPrimary = (found: Sql): Sql => sql`
  select node.is_standby, found.* from (values (pg_is_in_recovery())) as node (is_standby)
    left join (${found}) as found on not node.is_standby`;

/** Columns of an AccountRow, from `users u`. */
export const accountColumns = sql`
  u.id, u.username, u.email, u.is_active, u.is_verified, u.token_version, u.tokens_valid_after, u.exempt_token_key,
    u.created_at,
  array(select r.name from user_roles ur join roles r on r.id = ur.role_id
    where ur.user_id = u.id order by r.precedence, r.name) as roles,
  array(select distinct p.name from user_roles ur join role_permissions rp on rp.role_id = ur.role_id
    join permissions p on p.id = rp.permission_id where ur.user_id = u.id order by p.name) as permissions`;

/** What an account is and holds now. */
export const findAccountState = statement<{ userId: string }, AccountRow>(
  'find-account-state',
  ({ userId }) => sql`select ${accountColumns} from users u where u.id = ${userId}`,
);

/** The account that a token without a session names, and whether the deny list has the token. */
export const findNamedTokenState = statement<{ username: string; tokenKey: string }, PrimaryAnswer<TokenStateRow>>(
  'find-named-token-state',
  ({ username, tokenKey }) =>
    fromPrimary(sql`
    select ${accountColumns}, exists (select from revoked_tokens t where t.key = ${tokenKey}) as revoked,
      null as live_until
    from users u where u.username_key = ${caseFolded(username)}`),
);

/** The account of a token, its session unless it is revoked, and whether the deny list has the token. */
export const findSessionTokenState = statement<
  { sessionId: string; userId: string; tokenKey: string },
  PrimaryAnswer<TokenStateRow>
>('find-session-token-state', ({ sessionId, userId, tokenKey }) =>
  fromPrimary(sql`
    select ${accountColumns}, least(s.idle_until, s.expires_at) as live_until,
      exists (select from revoked_tokens t where t.key = ${tokenKey}) as revoked
    from users u left join sessions s on s.id = ${sessionId} and s.user_id = u.id and s.revoked_at is null
    where u.id = ${userId}`),
);

/**
 * Ends every token of these accounts that stands for itself, except the one with the exempt key.
 * The one place where `token_version` is raised.
 * @param userIds as PostgreSQL reads an array: `{id,id}`
 */
export const endTokensOfUsers = statement<{ userIds: string; exemptTokenKey: string | null; now: Date }>(
  'end-tokens-of-users',
  ({ userIds, exemptTokenKey, now }) => sql`
    update users set token_version = token_version + 1, tokens_valid_after = ${now},
      exempt_token_key = ${exemptTokenKey}
    where id = any(${userIds}::uuid[])`,
);

/** Keeps an account, and with it a right to act, from being changed until the transaction ends. */
export const lockAccountAsIs = statement<{ userId: string }, { id: string }>(
  'lock-account-as-is',
  ({ userId }) => sql`select id from users where id = ${userId} for share`,
);

/** Makes changes of one account take turns. */
export const lockAccount = statement<{ userId: string }, { id: string }>(
  'lock-account',
  ({ userId }) => sql`select id from users where id = ${userId} for no key update`,
);
