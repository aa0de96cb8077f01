import type { Client } from 'pg';
import type { TransferAccount } from './account';
import { ACCOUNT_COLUMNS } from './account-table';
import { accountRecord, fileHeader } from './account-writer';
import type { FileFormat } from './file-format';
import { plainReason, TransferError } from './transfer-error';

const PAGE_ROWS = 1000;
const page = (where: string): string =>
  `select ${ACCOUNT_COLUMNS} from users u ${where} order by u.id limit ${PAGE_ROWS}`;
const FIRST_PAGE = page('');
const NEXT_PAGE = page('where u.id > $1');

/**
 * All accounts as the text of a file, a page at a time, in the order of their ids, which is the
 * same in every database: the same accounts give the same file. They are those of one moment,
 * whatever changes meanwhile.
 * @param written gets how many each page has added
 * @throws TransferError
 */
export async function* exportAccounts(
  client: Client,
  format: FileFormat,
  written: (accounts: number) => void,
): AsyncGenerator<string> {
  try {
    await client.query('begin isolation level repeatable read read only');
    yield fileHeader(format);
    for (let after: string | undefined; ; ) {
      const { rows }: { rows: TransferAccount[] } = await (after === undefined
        ? client.query(FIRST_PAGE)
        : client.query(NEXT_PAGE, [after]));
      if (rows.length > 0) yield rows.map((account) => accountRecord(account, format)).join('');
      written(rows.length);
      if (rows.length < PAGE_ROWS) break;
      after = rows.at(-1)?.id;
    }
    await client.query('commit');
  } catch (error) {
    throw new TransferError(`The accounts could not be read: ${plainReason(error)}.`, { cause: error });
  }
}
