import { Command, Option } from 'commander';
import { loadConfig } from '../../config/config';
import { holdsNpmBannerAlone } from '../standard-output';
import { type CommandContext, pathFromCaller } from './command';
import { exportAccounts } from './export-accounts';
import { type FileFormat, fileFormat, fileFormats } from './file-format';
import { writeOutput } from './output-file';
import { counted, Progress, pace } from './progress';
import { openForExport } from './transfer-database';
import { TransferError } from './transfer-error';

const DESCRIPTION = `Writes every account to FILE (.ndjson or .csv), or to standard output for -
or where no FILE is given.
The file holds password hashes: anyone who reads it can try passwords. Only its owner can read it (mode 0600).`;

const WARNING =
  'WARNING: this holds the password hashes of all accounts. Keep it where only you can read it, and delete it ' +
  'after use.';
const BANNER = 'npm has written lines of its own before the first account: use npm run -s export, or name a FILE.';

/** `npm run export`: accounts of the database to a file. */
export function exportCommand(context: CommandContext): Command {
  return new Command('npm run -s export --')
    .usage('[FILE] [options]')
    .description(DESCRIPTION)
    .argument('[FILE]', 'where to write', (file) => pathFromCaller(file, 'export', context.env))
    .addOption(new Option('--format <format>', 'when the name of FILE does not tell').choices(fileFormats))
    .showHelpAfterError()
    .action((file: string | undefined, { format }: { format?: FileFormat }) => runExport(file, format, context));
}

async function runExport(
  given: string | undefined,
  givenFormat: FileFormat | undefined,
  { env, stdout, stderr }: CommandContext,
) {
  if (given === undefined && stdout.isTTY) throw new TransferError('Name a FILE, or - for standard output.');
  const file = given ?? '-';
  const format = givenFormat ?? fileFormat(file);
  const database = await openForExport(loadConfig(env));
  const startedAt = performance.now();
  let accounts = 0;
  const progress = new Progress(stderr, () => pace(accounts, performance.now() - startedAt, null));
  try {
    progress.print(WARNING);
    const isRunByNpm = env.npm_lifecycle_event === 'export' && env.npm_config_loglevel !== 'silent';
    if (file === '-' && isRunByNpm && !(stdout === process.stdout && holdsNpmBannerAlone())) progress.print(BANNER);
    progress.start();
    const pages = exportAccounts(database.client, format, (more) => {
      accounts += more;
    });
    await writeOutput(file, pages, stdout);
    progress.print(`${counted(accounts, 'account')} written${file === '-' ? '' : ` to ${file}`}.`);
  } finally {
    progress.stop();
    await database.close();
  }
}
