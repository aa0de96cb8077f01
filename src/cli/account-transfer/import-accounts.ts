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
/**
 * SQLSTATE classes that are about the values of a row, or about somebody else at work at the same
 * moment.
 */
const ROW_FAULT = /^(22|23|40|44|54|P0)/;

export interface ImportOptions extends ImportRules {
  /** The dearest bcrypt cost that is taken. */
  maxCost: number;
}

/**
 * Brings the accounts of a file into the database, a batch in a transaction. Whatever stops it,
 * what was committed stays and running it again goes on from there: what is there already is found
 * unchanged.
 */
export class AccountImport {
  private readonly claims: ClaimedNames;

  constructor(
    private readonly client: Client,
    private readonly roles: KnownRoles,
    private readonly report: ImportReport,
    private readonly clock: Clock,
    private readonly options: ImportOptions,
    /** Told after the commit whose tokens and sessions it has ended. */
    private readonly afterEnding: (ids: readonly string[]) => Promise<void>,
  ) {
    this.claims = new ClaimedNames(client);
  }

  /** @param stopped whether somebody wants it to end: asked between batches */
  async run(records: AsyncIterable<FileRecord>, stopped: () => boolean): Promise<void> {
    await this.claims.open();
    if (this.options.dryRun) await this.client.query(makeConnectionReadOnly.query());
    let batch: FileRecord[] = [];
    for await (const record of records) {
      batch.push(record);
      if (batch.length < BATCH_ROWS) continue;
      await this.takeBatch(batch);
      batch = [];
      if (stopped()) return;
    }
    // what was read when somebody stopped it may end in the middle of a line
    if (!stopped()) await this.takeBatch(batch);
  }

  private async takeBatch(records: readonly FileRecord[]): Promise<void> {
    const { rows, refused } = await this.claims.claim(this.readable(records));
    for (const { line, reason } of refused) this.report.refuse(line, reason);
    if (rows.length > 0) await this.write(rows);
    this.report.flush();
  }

  private readable(records: readonly FileRecord[]): Claimant[] {
    const rules = { now: this.clock.now(), maxCost: this.options.maxCost };
    return records.flatMap(({ line, values, problem }) => {
      const read = problem ? { problems: [problem] } : readAccount(values, rules);
      const problems = 'problems' in read ? read.problems : this.roleProblems(read);
      if (problems.length === 0) return [{ line, given: read as GivenAccount }];
      this.report.refuse(line, problems.join('; '));
      return [];
    });
  }

  private roleProblems({ roles = [] }: GivenAccount): string[] {
    if (this.options.createRoles) return [];
    return this.roles.unknown(roles).map((name) => `roles: there is no role ${name} here (--create-roles makes it)`);
  }

  /**
   * All of them in one transaction; when one does not fit, in two halves, so that it costs nobody
   * but itself.
   */
  private async write(rows: readonly ImportRow[]): Promise<void> {
    try {
      await this.commit(rows);
    } catch (error) {
      if (!isRowFault(error)) throw error;
      if (rows.length === 1) return this.report.add([{ row: rows[0]!, kind: 'refused', reason: plainReason(error) }]);
      const middle = Math.ceil(rows.length / 2);
      await this.write(rows.slice(0, middle));
      await this.write(rows.slice(middle));
    }
  }

  private async commit(rows: readonly ImportRow[]): Promise<void> {
    const batch = new ImportBatch(this.client, this.options, this.clock.now());
    const missing = this.roles.unknown(rows.flatMap(({ given }) => given.roles ?? []));
    await this.client.query('begin');
    let outcomes: RowOutcome[];
    try {
      if (missing.length > 0 && !this.options.dryRun) await this.roles.create(missing);
      outcomes = await batch.write(rows);
      await this.client.query('commit');
    } catch (error) {
      await this.client.query('rollback').catch(() => undefined);
      throw error;
    }
    this.roles.add(missing);
    this.report.counts.rolesCreated += missing.length;
    this.report.add(outcomes);
    if (batch.ended.length > 0) await this.afterEnding(batch.ended);
  }
}

const isRowFault = (error: unknown): boolean =>
  error instanceof RowFault ||
  (error instanceof DatabaseError && ROW_FAULT.test(error.code ?? '') && !isDatabaseAway(error));
