import type { Client } from 'pg';
import { findMatchingAccounts, lockMatchingAccounts } from '../../queries/account-transfer';
import { type Member, members, type TransferAccount } from './account';
import type { ImportRow } from './claimed-names';

interface Existing extends TransferAccount {
  usernameKey: string;
  emailKey: string | null;
}

/**
 * Accounts of the database that share an id, a user name or an e-mail address with rows of the
 * file.
 */
export class ExistingAccounts {
  private readonly byId = new Map<string, Existing>();
  private readonly byName = new Map<string, Existing>();
  private readonly byEmail = new Map<string, Existing>();

  private constructor(found: readonly Existing[]) {
    for (const account of found) {
      this.byId.set(account.id, account);
      this.byName.set(account.usernameKey, account);
      if (account.emailKey !== null) this.byEmail.set(account.emailKey, account);
    }
  }

  static none(): ExistingAccounts {
    return new ExistingAccounts([]);
  }

  static async find(client: Client, rows: readonly ImportRow[]): Promise<ExistingAccounts> {
    const { rows: found } = await client.query<Existing>(findMatchingAccounts.query({ rows: keysJson(rows) }));
    return new ExistingAccounts(found);
  }

  /** As `find`; no other process changes the accounts before this transaction ends. */
  static async lock(client: Client, rows: readonly ImportRow[]): Promise<ExistingAccounts> {
    const { rows: found } = await client.query<Existing>(lockMatchingAccounts.query({ rows: keysJson(rows) }));
    return new ExistingAccounts(found);
  }

  /**
   * The account that the row means, by its user name, or why the row contradicts the database.
   */
  match({ id, usernameKey, emailKey, given }: ImportRow): { account: TransferAccount | null } | { reason: string } {
    const named = this.byName.get(usernameKey) ?? null;
    const identified = this.byId.get(id);
    if (identified && identified !== named) return { reason: 'id: an account with another user name has this id here' };
    const addressed = emailKey === null || !given.email ? undefined : this.byEmail.get(emailKey);
    if (addressed && addressed !== named) return { reason: 'email: another account has this e-mail address here' };
    return { account: named };
  }
}

const keysJson = (rows: readonly ImportRow[]): string =>
  JSON.stringify(rows.map(({ id, usernameKey, emailKey }) => ({ id, usernameKey, emailKey })));

/**
 * Whether the account was imported from this row before and its password was rehashed or changed
 * since, so that the file's is older. An account that only has the same name was created at another
 * time.
 */
export function hasOwnPassword({ id, given }: ImportRow, account: TransferAccount, beginning: string): boolean {
  const isOwn = account.id === (given.id ? id : account.id) && account.createdAt === (given.createdAt ?? beginning);
  return isOwn && given.passwordScheme === 'imported' && account.passwordScheme !== 'imported';
}

const NOT_COMPARED: readonly Member[] = ['passwordScheme', 'tokenVersion', 'tokensValidAfter', 'exemptTokenKey'];

/**
 * The members in which the file and the account differ. A later login here is no difference.
 */
export function differences(given: ImportRow['given'], account: TransferAccount): Member[] {
  return members.filter((member) => {
    const value = given[member];
    if (value === undefined || NOT_COMPARED.includes(member)) return false;
    if (member === 'lastLoginAt')
      return value !== null && (account.lastLoginAt === null || value > account.lastLoginAt);
    if (member === 'roles') return String(value) !== String(account.roles);
    return value !== account[member];
  });
}
