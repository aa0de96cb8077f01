import type { Client } from 'pg';
import { uuidArray } from '../../database/uuid';
import {
  assignAccountRoles,
  insertAccounts,
  unassignOtherAccountRoles,
  updateAccounts,
} from '../../queries/account-transfer';
import type { TransferAccount } from './account';

/** Writes accounts, many in a statement, in the transaction of the connection. */
export class AccountTable {
  constructor(private readonly client: Client) {}

  /**
   * @returns how many were inserted: another process may have taken an id, a user name or an e-mail
   *   address since the file was compared with the database
   */
  async insert(accounts: readonly TransferAccount[], now: Date): Promise<number> {
    const { rowCount } = await this.client.query(insertAccounts.query({ accounts: JSON.stringify(accounts), now }));
    return rowCount ?? 0;
  }

  async update(accounts: readonly TransferAccount[], now: Date): Promise<void> {
    await this.client.query(updateAccounts.query({ accounts: JSON.stringify(accounts), now }));
  }

  /** @returns how many roles were assigned */
  async assignRoles(accounts: readonly TransferAccount[]): Promise<number> {
    const { rowCount } = await this.client.query(assignAccountRoles.query({ grants: grantsJson(accounts) }));
    return rowCount ?? 0;
  }

  /** Unassigns the roles that the accounts do not list. */
  async unassignOtherRoles(accounts: readonly TransferAccount[]): Promise<void> {
    const ids = uuidArray(accounts.map(({ id }) => id));
    await this.client.query(unassignOtherAccountRoles.query({ ids, grants: grantsJson(accounts) }));
  }
}

const grantsJson = (accounts: readonly TransferAccount[]): string =>
  JSON.stringify(accounts.flatMap(({ id, roles }) => roles.map((role) => ({ id, role }))));
