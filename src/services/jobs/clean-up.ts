import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { EXPIRY_BATCH, expiryRules, LOGIN_ATTEMPTS_KEPT_MS, tryCleanUpLock } from '../../queries/expired-rows';
import { dropMonths, ensureMonth } from '../../queries/history-months';
import type { JobQueue } from './job-queue';

const LOCK = 7_240_152;
const EVERY_S = 60;
const HISTORIES = ['login_attempts', 'audit_events'];
/** A month is prepared before it begins. */
const AHEAD_MS = 15 * 86_400_000;

/**
 * Deletes what has expired, in batches, on one process at a time, and prepares the next month of the
 * histories. The audit log is kept.
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
    if (!this.isStopped) await this.turnMonths();
    return deleted;
  }

  private turnMonths(): Promise<void> {
    const now = this.clock.now();
    return inTransaction(this.em, async (em) => {
      const lock = await tryCleanUpLock.row(em, { lock: LOCK });
      if (!lock?.held) return;
      for (const history of HISTORIES)
        for (const month of [now, new Date(now.getTime() + AHEAD_MS)]) await ensureMonth.rows(em, { history, month });
      const before = new Date(now.getTime() - LOGIN_ATTEMPTS_KEPT_MS);
      await dropMonths.rows(em, { history: 'login_attempts', before });
    });
  }
}
