import path from 'node:path';
import { systemClock } from '../../config/clock';
import { type Config, loadConfig } from '../../config/config';
import { ADMIN_ROLE } from '../../security/scopes';
import { type Command, type CommandValues, placeOf } from './command';
import { readCsv } from './csv-reader';
import { fileFormat } from './file-format';
import { FindingsFile } from './findings-file';
import { AccountImport, type ImportOptions } from './import-accounts';
import { ImportLog } from './import-log';
import { type Finding, ImportReport } from './import-report';
import { importSummary } from './import-summary';
import { importOptions, importUsage } from './import-usage';
import { openInput } from './input-file';
import { instant } from './instant';
import { KnownRoles } from './known-roles';
import { readLines } from './line-reader';
import { readNdjson } from './ndjson-reader';
import { Progress, pace } from './progress';
import { openForDryRun, openForImport, type TransferDatabase } from './transfer-database';
import { TransferError } from './transfer-error';

/** What the hasher verifies of another service's hashes. */
const MAX_COST = 14;
/** No date is known: before any token. */
const UNKNOWN_BEGINNING = '1970-01-01T00:00:00.000000Z';
const IGNORED_SHOWN = 20;

const label = ({ line, kind, reason }: Finding): string =>
  `line ${line}: ${kind === 'bad' ? 'not imported: ' : ''}${reason}`;

/** `npm run import`: accounts of a file into the database. */
export const importCommand: Command<typeof importOptions> = {
  name: 'import',
  usage: importUsage,
  options: importOptions,
  async run(file, values, env) {
    if (file === undefined) throw new TransferError(`Which FILE?\n\n${importUsage}`);
    const format = fileFormat(file, values.format);
    const config = loadConfig(env);
    const choices = choicesOf(values, config);
    const input = openInput(file);
    const findings = new FindingsFile(
      values.errors === undefined ? undefined : placeOf(values.errors, 'import', env),
      file,
    );
    const database = await (choices.dryRun ? openForDryRun(config) : openForImport(config));
    const startedAt = performance.now();
    const report = new ImportReport((finding) => {
      progress.print(label(finding));
      findings.add(finding);
    });
    const progress = new Progress(process.stderr, () =>
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
      await bring(
        database,
        records,
        { ...choices, hasTables: database.hasTables },
        { config, file, report, stopped: stop.asked },
      );
      const elapsedMs = performance.now() - startedAt;
      progress.stop();
      process.stdout.write(
        importSummary(report.counts, {
          file,
          dryRun: choices.dryRun,
          stopped: stop.asked(),
          ignored: [...ignored],
          elapsedMs,
        }),
      );
    } finally {
      progress.stop();
      stop.release();
      input.close();
      findings.close();
      await database.close();
    }
    if (stop.asked()) return 1;
    return report.counts.bad > 0 ? 2 : 0;
  },
};

type Choices = Omit<ImportOptions, 'hasTables'>;

function choicesOf(values: CommandValues<typeof importOptions>, config: Config): Choices {
  const onConflict = values['on-conflict'] ?? 'skip';
  if (onConflict !== 'skip' && onConflict !== 'update')
    throw new TransferError(`--on-conflict is skip or update, not "${onConflict}".`);
  const beginning = values['created-at'] === undefined ? UNKNOWN_BEGINNING : instant(values['created-at']);
  if (!beginning) throw new TransferError('--created-at takes a date and time such as 2020-01-31T12:00:00Z.');
  return {
    onConflict,
    beginning,
    dryRun: values['dry-run'] ?? false,
    createRoles: values['create-roles'] ?? false,
    overwritePasswords: values['overwrite-passwords'] ?? false,
    maxCost: Math.max(MAX_COST, config.passwords.cost),
  };
}

interface Run {
  config: Config;
  file: string;
  report: ImportReport;
  stopped: () => boolean;
}

async function bring(
  database: TransferDatabase,
  records: ReturnType<typeof readCsv>,
  options: ImportOptions,
  run: Run,
): Promise<void> {
  const { client, hasTables } = database;
  const { config, file, report, stopped } = run;
  const firstRoles = [ADMIN_ROLE, ...config.seed.roles, ...config.seed.defaultRoles];
  const roles = hasTables ? await KnownRoles.load(client) : new KnownRoles(client, firstRoles);
  const accounts = new AccountImport(client, roles, report, systemClock, options, database.forgetSessions);
  if (options.dryRun) return accounts.run(records, stopped);
  const log = new ImportLog(client, systemClock, { file: path.basename(file), onConflict: options.onConflict });
  await log.begin();
  let isFinished = false;
  try {
    await accounts.run(records, stopped);
    isFinished = !stopped();
  } finally {
    // what the run has come to is told, also when the database is not there to hear it
    await log.end(report.counts, isFinished).catch(() => undefined);
  }
}

/** The first signal lets the batch that is under way end; a second one is the system's. */
function stopOnSignal(told: () => void) {
  let isAsked = false;
  const ask = () => {
    isAsked = true;
    release();
    told();
  };
  const release = () => void process.off('SIGINT', ask).off('SIGTERM', ask);
  process.on('SIGINT', ask).on('SIGTERM', ask);
  return { asked: () => isAsked, release };
}
