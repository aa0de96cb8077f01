import type { Client } from 'pg';
import type { Clock } from '../../config/clock';
import type { ImportCounts } from './import-report';

/** What the audit log says of a run besides its counts. */
export interface RunDetail {
  /** Name of the file, without its folders. */
  file: string;
  onConflict: string;
}

/**
 * One audit event for a run, by nobody who is logged in. It is there before the first account is,
 * and of a run that was killed too.
 */
export class ImportLog {
  private id: string | undefined;

  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
    private readonly detail: RunDetail,
  ) {}

  async begin(): Promise<void> {
    const { rows } = await this.client.query<{ id: string }>(
      `insert into audit_events (at, action, detail) values ($1, 'accounts.imported', $2) returning id`,
      [this.clock.now(), { ...this.detail, finished: false }],
    );
    this.id = rows[0]?.id;
  }

  async end(counts: ImportCounts, finished: boolean): Promise<void> {
    await this.client.query('update audit_events set detail = $2 where id = $1', [
      this.id,
      { ...this.detail, ...counts, finished },
    ]);
  }
}
