import type { Client } from 'pg';
import type { Clock } from '../../config/clock';
import { insertImportEvent, updateImportEvent } from '../../queries/account-transfer';
import type { ImportCounts } from './import-report';

/** What the audit log keeps of a run besides its counts. */
export interface RunDetail {
  /** Name of the file, without its folders. */
  file: string;
  onConflict: string;
}

/**
 * One audit event for each run, without an actor. It is written before the first account, so that a
 * run that is killed leaves one too.
 */
export class ImportLog {
  private id: string | undefined;

  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
    private readonly detail: RunDetail,
  ) {}

  async begin(): Promise<void> {
    const detail = JSON.stringify({ ...this.detail, finished: false });
    const { rows } = await this.client.query<{ id: string }>(
      insertImportEvent.query({ now: this.clock.now(), detail }),
    );
    this.id = rows[0]!.id;
  }

  async end(counts: ImportCounts, finished: boolean): Promise<void> {
    const detail = JSON.stringify({ ...this.detail, ...counts, finished });
    if (this.id !== undefined) await this.client.query(updateImportEvent.query({ id: this.id, detail }));
  }
}
