import { type Client, DatabaseError } from 'pg';
import type { Clock } from '../../config/clock';
import { isDatabaseAway } from '../../database/availability';
import { makeConnectionReadOnly } from '../../queries/account-transfer';
import type { GivenAccount } from './account';
import { type Claimant, ClaimedNames, type ImportRow } from './claimed-names';
import type { FileRecord } from './file-record';
import { ImportBatch, type ImportRules, RowFault, type RowOutcome } from './import-batch';
import type { ImportReport } from './import-report';
import type { KnownRoles } from './known-roles';
import { readAccount } from './read-account';
import { plainReason } from './transfer-error';

const BATCH_ROWS = 1000;
/** SQLSTATE classes that concern the values of a row, or another transaction at the same moment. */
const ROW_FAULT = /^(22|23|40|44|54|P0)/;

export interface ImportOptions extends ImportRules {
  /** The highest bcrypt cost that is accepted. */
  maxCost: number;
}

export interface ImportDependencies {
  client: Client;
  roles: KnownRoles;
  report: ImportReport;
  clock: Clock;
  options: ImportOptions;
  /** Called after each commit that has ended tokens and sessions, with the accounts. */
  afterEnding: (userIds: readonly string[]) => Promise<void>;
}

/**
 * Imports the accounts of a file, a batch in a transaction. Whatever stops it, what was committed
 * stays, and another run goes on from there: it finds those accounts unchanged.
 */
export class AccountImport {
  private readonly claims: ClaimedNames;

  constructor(private readonly dependencies: ImportDependencies) {
    this.claims = new ClaimedNames(dependencies.client);
  }

  /** @param isStopped checked between batches */
  async run(records: AsyncIterable<FileRecord>, isStopped: () => boolean): Promise<void> {
    const { client, options } = this.dependencies;
    await this.claims.open();
    if (options.dryRun) await client.query(makeConnectionReadOnly.query());
    let batch: FileRecord[] = [];
    for await (const record of records) {
      batch.push(record);
      if (batch.length < BATCH_ROWS) continue;
      await this.importBatch(batch);
      batch = [];
      if (isStopped()) return;
    }
    // the last record of an interrupted input may be cut in the middle of a line
    if (!isStopped()) await this.importBatch(batch);
  }

  private async importBatch(records: readonly FileRecord[]): Promise<void> {
    const { report } = this.dependencies;
    const { rows, refused } = await this.claims.claim(this.readable(records));
    for (const { line, reason } of refused) report.refuse(line, reason);
    if (rows.length > 0) await this.write(rows);
    report.flush();
  }

  private readable(records: readonly FileRecord[]): Claimant[] {
    const { clock, options, report } = this.dependencies;
    const rules = { now: clock.now(), maxCost: options.maxCost };
    return records.flatMap(({ line, values, problem }) => {
      const read = problem ? { problems: [problem] } : readAccount(values, rules);
      const problems = 'problems' in read ? read.problems : this.roleProblems(read);
      if (problems.length === 0) return [{ line, given: read as GivenAccount }];
      report.refuse(line, problems.join('; '));
      return [];
    });
  }

  private roleProblems({ roles = [] }: GivenAccount): string[] {
    const knownRoles = this.dependencies.roles;
    if (this.dependencies.options.createRoles) return [];
    return knownRoles.unknown(roles).map((name) => `roles: there is no role ${name} here (--create-roles makes it)`);
  }

  /**
   * All rows in one transaction; when one of them fails, in two halves, so that the others are
   * imported.
   */
  private async write(rows: readonly ImportRow[]): Promise<void> {
    try {
      await this.commit(rows);
    } catch (error) {
      if (!isRowFault(error)) throw error;
      if (rows.length === 1) {
        this.dependencies.report.add([{ row: rows[0]!, kind: 'refused', reason: plainReason(error) }]);
        return;
      }
      const middle = Math.ceil(rows.length / 2);
      await this.write(rows.slice(0, middle));
      await this.write(rows.slice(middle));
    }
  }

  private async commit(rows: readonly ImportRow[]): Promise<void> {
    const { client, roles, report, clock, options, afterEnding } = this.dependencies;
    const batch = new ImportBatch(client, options, clock.now());
    const missing = roles.unknown(rows.flatMap(({ given }) => given.roles ?? []));
    await client.query('begin');
    let outcomes: RowOutcome[];
    try {
      if (missing.length > 0 && !options.dryRun) await roles.create(missing);
      outcomes = await batch.write(rows);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
    roles.add(missing);
    report.counts.rolesCreated += missing.length;
    report.add(outcomes);
    if (batch.ended.length > 0) await afterEnding(batch.ended);
  }
}

const isRowFault = (error: unknown): boolean =>
  error instanceof RowFault ||
  (error instanceof DatabaseError && ROW_FAULT.test(error.code ?? '') && !isDatabaseAway(error));
