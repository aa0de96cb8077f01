/** What the database says of an account, now. */
export interface AccountState {
  userId: string;
  username: string;
  email: string | null;
  isActive: boolean;
  isVerified: boolean;
  tokenVersion: number;
  tokensValidAfter: Date | null;
  exemptTokenKey: string | null;
  createdAt: Date;
  /** Scopes that the account holds now. */
  held: Set<string>;
  /** Names of its roles, by precedence. */
  roles: string[];
}

/** What the database says of the account behind a token, and of the token, now. */
export interface TokenState extends AccountState {
  /** For compat tokens: on the deny list. */
  revoked: boolean;
  /** For session tokens: until when the session lives without a refresh. */
  liveUntil: Date | null;
}

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
  live_until: Date | string | null;
}

/** Columns of an AccountRow, from `users u`. */
export const ACCOUNT = `u.id, u.username, u.email, u.is_active, u.is_verified, u.token_version, u.tokens_valid_after, u.exempt_token_key, u.created_at,
  array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.precedence, r.name) as roles,
  array(select distinct p.name from user_roles ur join role_permissions rp on rp.role_id = ur.role_id
    join permissions p on p.id = rp.permission_id where ur.user_id = u.id order by p.name) as permissions`;

const date = (value: Date | string | null): Date | null => (value === null ? null : new Date(value));

export function toAccountState(row: AccountRow): AccountState {
  return {
    userId: row.id,
    username: row.username,
    email: row.email,
    isActive: row.is_active,
    isVerified: row.is_verified,
    tokenVersion: row.token_version,
    tokensValidAfter: date(row.tokens_valid_after),
    exemptTokenKey: row.exempt_token_key,
    createdAt: new Date(row.created_at),
    held: new Set([...row.roles.map((name) => `ROLE_${name}`), ...row.permissions]),
    roles: row.roles,
  };
}

export const tokenStateOf = (row: TokenStateRow): TokenState => ({
  ...toAccountState(row),
  revoked: row.revoked,
  liveUntil: date(row.live_until),
});
