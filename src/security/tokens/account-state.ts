import { type AccountRow, accountColumns, type TokenStateRow } from '../../queries/account-state';

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

export type { AccountRow };

/** Columns of an AccountRow, from `users u`, for statements that are still text. */
export const ACCOUNT = accountColumns.strings.join('');

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
