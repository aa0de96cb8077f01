import type { Client } from 'pg';
import { findActiveHolder, insertSeedMark } from '../../queries/account-transfer';
import { lockRoleHolders } from '../../queries/roles';
import { ADMIN_ROLE } from '../../security/scopes';
import type { Member, TransferAccount } from './account';
import { AccountTable } from './account-table';
import type { ImportRow } from './claimed-names';
import { endAccess } from './end-access';
import { differences, ExistingAccounts, hasOwnPassword } from './existing-accounts';

export interface ImportRules {
  onConflict: 'skip' | 'update';
  dryRun: boolean;
  createRoles: boolean;
  /** Take the file's password even where the account has a newer one. */
  overwritePasswords: boolean;
  /** Creation date of accounts whose row has none. */
  beginning: string;
  /** False before the first migration, when there is nothing to compare with. */
  hasTables: boolean;
}

/** The outcome of one row. */
export type RowOutcome =
  | { row: ImportRow; kind: 'created' | 'updated' | 'unchanged'; keptPassword?: boolean; keptId?: boolean }
  | { row: ImportRow; kind: 'differs'; members: Member[]; keptPassword?: boolean }
  | { row: ImportRow; kind: 'refused'; reason: string };

/** A row that fails while it is written; the others of its batch are tried without it. */
export class RowFault extends Error {}

interface Change {
  before: TransferAccount;
  after: TransferAccount;
  endsAccess: 'password changed' | 'disabled' | null;
}

/** Writes a batch of rows, in the transaction of the connection. */
export class ImportBatch {
  private readonly table: AccountTable;
  /** Whose tokens and sessions this batch has ended. */
  readonly ended: string[] = [];

  constructor(
    private readonly client: Client,
    private readonly rules: ImportRules,
    private readonly now: Date,
  ) {
    this.table = new AccountTable(client);
  }

  /** @throws RowFault, or the database's error: then nothing of the batch may be committed */
  async write(rows: readonly ImportRow[]): Promise<RowOutcome[]> {
    const { onConflict, dryRun, hasTables } = this.rules;
    const changes: Change[] = [];
    const existing = !hasTables
      ? ExistingAccounts.none()
      : onConflict === 'update' && !dryRun
        ? await ExistingAccounts.lock(this.client, rows)
        : await ExistingAccounts.find(this.client, rows);
    const created: TransferAccount[] = [];
    const outcomes = rows.map((row): RowOutcome => {
      const match = existing.match(row);
      if ('reason' in match) return { row, kind: 'refused', reason: match.reason };
      if (match.account) return this.compare(row, match.account, changes);
      created.push(this.newAccount(row));
      return { row, kind: 'created' };
    });
    if (!dryRun) {
      await this.change(changes);
      await this.create(created);
      if ([...created, ...changes.map(({ after }) => after)].some(isAdministrator)) await this.markAdministrator();
    }
    return outcomes;
  }

  private compare(row: ImportRow, account: TransferAccount, changes: Change[]): RowOutcome {
    const { overwritePasswords, onConflict, beginning } = this.rules;
    const keptPassword = !overwritePasswords && hasOwnPassword(row, account, beginning);
    const members = differences(row.given, account).filter((member) => !(keptPassword && member === 'passwordHash'));
    if (members.length === 0) return { row, kind: 'unchanged', keptPassword };
    const keptId = members.includes('id');
    // other tables and services refer to an account by its id, which never changes
    if (onConflict === 'skip' || (keptId && members.length === 1))
      return { row, kind: 'differs', members, keptPassword };
    changes.push(changeOf(row, account, members));
    return { row, kind: 'updated', keptPassword, keptId };
  }

  private newAccount({ id, given }: ImportRow): TransferAccount {
    return {
      ...given,
      id,
      email: given.email ?? null,
      phone: given.phone ?? null,
      firstName: given.firstName ?? null,
      lastName: given.lastName ?? null,
      dob: given.dob ?? null,
      roles: given.roles ?? [],
      isActive: given.isActive ?? true,
      isVerified: given.isVerified ?? false,
      createdAt: given.createdAt ?? this.rules.beginning,
      lastLoginAt: given.lastLoginAt ?? null,
      tokenVersion: given.tokenVersion ?? 1,
      tokensValidAfter: given.tokensValidAfter ?? null,
      exemptTokenKey: given.exemptTokenKey ?? null,
    };
  }

  private async create(accounts: readonly TransferAccount[]): Promise<void> {
    if (accounts.length === 0) return;
    const inserted = await this.table.insert(accounts, this.now);
    if (inserted < accounts.length)
      throw new RowFault('another client has just registered this user name or e-mail address');
    const wanted = accounts.reduce((sum, { roles }) => sum + roles.length, 0);
    if ((await this.table.assignRoles(accounts)) < wanted)
      throw new RowFault('roles: an administrator has just deleted a role');
  }

  /**
   * Keeps the first start from making another administrator, with a well-known password or a user
   * name that is taken.
   */
  private async markAdministrator(): Promise<void> {
    await this.client.query(insertSeedMark.query({ name: 'administrator' }));
  }

  private async change(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const demotes = changes.some(({ before, after }) => isAdministrator(before) && !isAdministrator(after));
    // two imports that remove each other's administrator take turns
    if (demotes) await this.client.query(lockRoleHolders.query({ name: ADMIN_ROLE }));
    const accounts = changes.map(({ after }) => after);
    await this.table.update(accounts, this.now);
    await this.table.unassignOtherRoles(accounts);
    await this.table.assignRoles(accounts);
    if (demotes) await this.requireAdministrator();
    for (const reason of ['password changed', 'disabled'] as const) {
      const userIds = changes.filter(({ endsAccess }) => endsAccess === reason).map(({ before }) => before.id);
      if (userIds.length === 0) continue;
      await endAccess(this.client, { userIds, reason, now: this.now });
      this.ended.push(...userIds);
    }
  }

  private async requireAdministrator(): Promise<void> {
    const { rowCount } = await this.client.query(findActiveHolder.query({ role: ADMIN_ROLE }));
    if (rowCount === 0) throw new RowFault('the last administrator cannot be removed');
  }
}

const isAdministrator = ({ isActive, roles }: TransferAccount): boolean => isActive && roles.includes(ADMIN_ROLE);

/** @param members in which the row differs from the account; the others stay */
function changeOf({ given }: ImportRow, before: TransferAccount, members: readonly Member[]): Change {
  const taken = Object.fromEntries(
    members.filter((member) => member !== 'id').map((member) => [member, given[member]]),
  );
  const after: TransferAccount = { ...before, ...taken };
  if (members.includes('passwordHash')) after.passwordScheme = given.passwordScheme;
  const disabled = before.isActive && !after.isActive;
  const endsAccess = disabled ? 'disabled' : members.includes('passwordHash') ? 'password changed' : null;
  return { before, after, endsAccess };
}
