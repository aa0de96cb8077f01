import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../../config/clock';
import { type Config, loadConfig } from '../../config/config';
import { ADMIN_ROLE } from '../../security/scopes';
import { type CommandContext, pathFromCaller } from './command';
import { readCsv } from './csv-reader';
import { type FileFormat, fileFormat, fileFormats } from './file-format';
import { FindingsFile } from './findings-file';
import { AccountImport, type ImportOptions } from './import-accounts';
import { ImportLog } from './import-log';
import { type Finding, ImportReport } from './import-report';
import { importSummary } from './import-summary';
import { openInput } from './input-file';
import { instant } from './instant';
import { KnownRoles } from './known-roles';
import { readLines } from './line-reader';
import { readNdjson } from './ndjson-reader';
import { Progress, pace } from './progress';
import { openForDryRun, openForImport, type TransferDatabase } from './transfer-database';

/** The highest bcrypt cost that the hasher verifies in reasonable time. */
const MAX_COST = 14;
/** Older than any token, for accounts whose creation date is unknown. */
const UNKNOWN_BEGINNING = '1970-01-01T00:00:00.000000Z';
const IGNORED_SHOWN = 20;

const DESCRIPTION = `Imports accounts with their password hashes. FILE is NDJSON or CSV, - is standard input.
Run it as often as you like: accounts that exist already stay as they are.`;

const AFTERWORD = `
Members or columns (first_name means firstName): id, username, email, phone, firstName, lastName, dob, roles,
isActive, isVerified, createdAt, lastLoginAt, passwordHash (or password: bcrypt, $2a$, $2b$ or $2y$).
username and passwordHash are required.

Exit code: 0 all well, 2 some rows were not imported, 1 the import could not run or did not finish.`;

interface ImportArguments {
  dryRun?: boolean;
  format?: FileFormat;
  onConflict: 'skip' | 'update';
  overwritePasswords?: boolean;
  createRoles?: boolean;
  createdAt: string;
  errors?: string;
}

/** `npm run import`: accounts of a file into the database. */
export function importCommand(context: CommandContext): Command {
  const fromCaller = (file: string) => pathFromCaller(file, 'import', context.env);
  return new Command('npm run import --')
    .usage('FILE [options]')
    .description(DESCRIPTION)
    .argument('<FILE>', 'what to import', fromCaller)
    .option('--dry-run', 'say what would happen and write nothing')
    .addOption(
      new Option(
        '--format <format>',
        'when the name of FILE does not tell (.ndjson, .jsonl, .json, .csv); - is ndjson otherwise',
      ).choices(fileFormats),
    )
    .addOption(
      new Option(
        '--on-conflict <action>',
        'skip: list accounts that exist with other data and leave them as they are; update: give them the data ' +
          'of the file',
      )
        .choices(['skip', 'update'])
        .default('skip'),
    )
    .option(
      '--overwrite-passwords',
      'with update: also where the account has logged in or changed its password here since',
    )
    .option(
      '--create-roles',
      'make missing roles, without permissions; otherwise accounts that have them are not imported',
    )
    .addOption(
      new Option(
        '--created-at <date>',
        'creation date of accounts whose row has no createdAt; tokens of an earlier service that are older than ' +
          'their account are refused',
      )
        .argParser(parseInstant)
        .default(UNKNOWN_BEGINNING, 'unknown, 1970-01-01'),
    )
    .option('--errors <FILE>', 'write what was not imported to this file too, as NDJSON', fromCaller)
    .addHelpText('after', AFTERWORD)
    .showHelpAfterError()
    .action(async (file: string, given: ImportArguments) => {
      context.exitCode = await runImport(file, given, context);
    });
}

function parseInstant(text: string): string {
  const parsed = instant(text);
  if (!parsed) throw new InvalidArgumentError('It takes a date and time such as 2020-01-31T12:00:00Z.');
  return parsed;
}

/** @returns the exit code */
async function runImport(file: string, given: ImportArguments, context: CommandContext): Promise<number> {
  const { env, stdout, stderr } = context;
  const format = given.format ?? fileFormat(file);
  const config = loadConfig(env);
  const input = openInput(file, context);
  const findings = new FindingsFile(given.errors, file);
  const database = await (given.dryRun ? openForDryRun(config) : openForImport(config));
  const startedAt = performance.now();
  const report = new ImportReport((finding) => {
    progress.print(label(finding));
    findings.add(finding);
  });
  const progress = new Progress(stderr, () =>
    pace(report.counts.rows, performance.now() - startedAt, input.size ? input.position() / input.size : null),
  );
  const stop = stopOnSignal(() => {
    progress.print('Stopping after this batch.');
    input.close();
  });
  const ignored = new Set<string>();
  const ignore = (name: string) => void (ignored.size < IGNORED_SHOWN && ignored.add(name));
  const lines = readLines(input.chunks);
  const records = format === 'csv' ? readCsv(lines, ignore) : readNdjson(lines, ignore);
  try {
    progress.start();
    await importRecords(database, records, { given, config, file, report, isStopped: stop.isRequested });
    progress.stop();
    stdout.write(
      importSummary(report.counts, {
        file,
        dryRun: given.dryRun ?? false,
        stopped: stop.isRequested(),
        ignored: [...ignored],
        elapsedMs: performance.now() - startedAt,
      }),
    );
  } finally {
    progress.stop();
    stop.release();
    input.close();
    findings.close();
    await database.close();
  }
  if (stop.isRequested()) return 1;
  return report.counts.bad > 0 ? 2 : 0;
}

const label = ({ line, kind, reason }: Finding): string =>
  `line ${line}: ${kind === 'bad' ? 'not imported: ' : ''}${reason}`;

interface Run {
  given: ImportArguments;
  config: Config;
  file: string;
  report: ImportReport;
  isStopped: () => boolean;
}

async function importRecords(
  database: TransferDatabase,
  records: ReturnType<typeof readCsv>,
  { given, config, file, report, isStopped }: Run,
): Promise<void> {
  const { client, hasTables } = database;
  const { dryRun = false, createRoles = false, overwritePasswords = false, onConflict, createdAt: beginning } = given;
  const maxCost = Math.max(MAX_COST, config.passwords.cost);
  const options: ImportOptions = { dryRun, onConflict, createRoles, overwritePasswords, beginning, maxCost, hasTables };
  const firstRoles = [ADMIN_ROLE, ...config.seed.roles, ...config.seed.defaultRoles];
  const accounts = new AccountImport({
    client,
    roles: hasTables ? await KnownRoles.load(client) : new KnownRoles(client, firstRoles),
    report,
    clock: systemClock,
    options,
    afterEnding: database.forgetSessions,
  });
  if (dryRun) return accounts.run(records, isStopped);
  const log = new ImportLog(client, systemClock, { file: path.basename(file), onConflict });
  await log.begin();
  let isFinished = false;
  try {
    await accounts.run(records, isStopped);
    isFinished = !isStopped();
  } finally {
    // the summary is printed even when the database is away and cannot record it
    await log.end(report.counts, isFinished).catch(() => undefined);
  }
}

/** The first signal lets the current batch end; a second one ends the process. */
function stopOnSignal(announce: () => void) {
  let isRequested = false;
  const request = () => {
    isRequested = true;
    release();
    announce();
  };
  const release = () => void process.off('SIGINT', request).off('SIGTERM', request);
  process.on('SIGINT', request).on('SIGTERM', request);
  return { isRequested: () => isRequested, release };
}
