import type { AccountRow, TokenStateRow } from '../../queries/account-state';

/** What an account is and holds now, as the database has it. */
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

/** The state of a token: of its account, and of the token itself. */
export interface TokenState extends AccountState {
  /** On the deny list. */
  revoked: boolean;
  /** When its session ends unless it is refreshed before; null without a session that is not revoked. */
  liveUntil: Date | null;
}

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

export const toTokenState = (row: TokenStateRow): TokenState => ({
  ...toAccountState(row),
  revoked: row.revoked,
  liveUntil: date(row.live_until),
});
