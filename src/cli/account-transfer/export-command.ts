import { loadConfig } from '../../config/config';
import type { Command } from './command';
import { exportAccounts } from './export-accounts';
import { fileFormat } from './file-format';
import { writeOutput } from './output-file';
import { counted, Progress, pace } from './progress';
import { openForExport } from './transfer-database';
import { TransferError } from './transfer-error';

const options = { format: { type: 'string' } } as const;

const usage = `Usage: npm run -s export -- [FILE] [--format ndjson|csv]

Writes every account to FILE (.ndjson or .csv), or to standard output for - or where no FILE is given.
The file holds password hashes: whoever has it can try passwords. Only its owner can read it (mode 0600).
`;

const WARNING =
  'WARNING: this holds the password hashes of all accounts. Keep it where only you can read it, and delete it after use.';
const BANNER = 'npm has written lines of its own before the first account: use npm run -s export, or name a FILE.';

/** `npm run export`: accounts of the database to a file. */
export const exportCommand: Command<typeof options> = {
  name: 'export',
  usage,
  options,
  async run(given, values, env) {
    if (given === undefined && process.stdout.isTTY)
      throw new TransferError(`Name a FILE, or - for standard output.\n\n${usage}`);
    const file = given ?? '-';
    const format = fileFormat(file, values.format);
    const database = await openForExport(loadConfig(env));
    const startedAt = performance.now();
    let accounts = 0;
    const progress = new Progress(process.stderr, () => pace(accounts, performance.now() - startedAt, null));
    try {
      progress.print(WARNING);
      if (file === '-' && env.npm_lifecycle_event === 'export' && env.npm_config_loglevel !== 'silent')
        progress.print(BANNER);
      progress.start();
      await writeOutput(
        file,
        exportAccounts(database.client, format, (more) => {
          accounts += more;
        }),
      );
      progress.print(`${counted(accounts, 'account')} written${file === '-' ? '' : ` to ${file}`}.`);
    } finally {
      progress.stop();
      await database.close();
    }
    return 0;
  },
};
