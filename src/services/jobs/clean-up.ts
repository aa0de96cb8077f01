import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { EXPIRY_BATCH, expiryRules, tryCleanUpLock } from '../../queries/expired-rows';
import type { JobQueue } from './job-queue';

const LOCK = 7_240_152;
const EVERY_S = 60;

/**
 * Deletes what has expired, in batches, on one process at a time. The audit log is kept.
 */
export class CleanUp {
  private isStopped = false;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {}

  /** Makes it a job that comes again every minute, whatever becomes of a round. */
  schedule(queue: JobQueue): void {
    queue.handle('clean-up', {
      run: async () => void (await this.run()),
      retryAfter: () => EVERY_S,
      repeatAfter: EVERY_S,
    });
  }

  /** Ends a round under way after its batch. */
  stop(): void {
    this.isStopped = true;
  }

  /** One round. @returns how many rows went, by table; nothing while another process cleans up */
  async run(): Promise<Record<string, number>> {
    const deleted: Record<string, number> = {};
    for (const [table, { keepMs, deleteBatch }] of Object.entries(expiryRules)) {
      const before = new Date(this.clock.now().getTime() - keepMs);
      for (let count = EXPIRY_BATCH; count === EXPIRY_BATCH && !this.isStopped; ) {
        count = await inTransaction(this.em, async (em) => {
          const lock = await tryCleanUpLock.row(em, { lock: LOCK });
          return lock?.held ? (await deleteBatch.rows(em, { before })).length : 0;
        });
        if (count > 0) deleted[table] = (deleted[table] ?? 0) + count;
        await sleep(1); // lets requests in between
      }
    }
    return deleted;
  }
}
