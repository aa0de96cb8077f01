import type { Client } from 'pg';
import { beginSnapshot, listAccountsToExport } from '../../queries/account-transfer';
import type { TransferAccount } from './account';
import { accountRecord, fileHeader } from './account-writer';
import type { FileFormat } from './file-format';
import { plainReason, TransferError } from './transfer-error';

const PAGE_ROWS = 1000;

/**
 * All accounts as the text of a file, page by page, in the order of their ids, so that the same
 * accounts give the same file in every database. They are a snapshot of one moment.
 * @param written gets the number of accounts of each page
 * @throws TransferError
 */
export async function* exportAccounts(
  client: Client,
  format: FileFormat,
  written: (accounts: number) => void,
): AsyncGenerator<string> {
  try {
    await client.query(beginSnapshot.query());
    yield fileHeader(format);
    for (let after: string | null = null; ; ) {
      const page = listAccountsToExport.query({ after, limit: PAGE_ROWS });
      const { rows }: { rows: TransferAccount[] } = await client.query(page);
      if (rows.length > 0) yield rows.map((account) => accountRecord(account, format)).join('');
      written(rows.length);
      if (rows.length < PAGE_ROWS) break;
      after = rows.at(-1)!.id;
    }
    await client.query('commit');
  } catch (error) {
    throw new TransferError(`The accounts could not be read: ${plainReason(error)}.`, { cause: error });
  }
}
