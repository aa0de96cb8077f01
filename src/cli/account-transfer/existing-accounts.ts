import type { Client } from 'pg';
import { type Member, members, type TransferAccount } from './account';
import { ACCOUNT_COLUMNS } from './account-table';
import type { ImportRow } from './claimed-names';

interface Existing extends TransferAccount {
  usernameKey: string;
  emailKey: string | null;
}

const MATCHES = `from json_to_recordset($1) as r(id uuid, "usernameKey" text, "emailKey" text) join users m on`;
const FIND = `select u.username_key as "usernameKey", u.email_key as "emailKey", ${ACCOUNT_COLUMNS} from users u where u.id in (
    select m.id ${MATCHES} m.id = r.id
    union all select m.id ${MATCHES} m.username_key = r."usernameKey"
    union all select m.id ${MATCHES} m.email_key = r."emailKey")
  order by u.id`;

/**
 * Accounts that are there already and have an id, a user name or an e-mail address in common with
 * rows of the file.
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

  /** @param lock for those who are going to change them in this transaction */
  static async find(client: Client, rows: readonly ImportRow[], lock: 'lock' | 'read'): Promise<ExistingAccounts> {
    const keys = rows.map(({ id, usernameKey, emailKey }) => ({ id, usernameKey, emailKey }));
    const sql = lock === 'lock' ? `${FIND} for no key update of u` : FIND;
    const { rows: found } = await client.query<Existing>(sql, [JSON.stringify(keys)]);
    return new ExistingAccounts(found);
  }

  /**
   * The account that the row speaks of: the one of its user name. Or why the row can never be
   * reconciled with what is there.
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

/**
 * Whether the account is the row's own, imported before, whose password was hashed again at a login
 * here, or changed here: the file's is older. An account that only has the same name began at
 * another time.
 */
export function hasOwnPassword({ id, given }: ImportRow, account: TransferAccount, beginning: string): boolean {
  const isOwn = account.id === (given.id ? id : account.id) && account.createdAt === (given.createdAt ?? beginning);
  return isOwn && given.passwordScheme === 'imported' && account.passwordScheme !== 'imported';
}

const NOT_COMPARED: readonly Member[] = ['passwordScheme', 'tokenVersion', 'tokensValidAfter', 'exemptTokenKey'];

/**
 * The members in which the file says something else than what is there. An account goes on living
 * here: a later login is no difference.
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
