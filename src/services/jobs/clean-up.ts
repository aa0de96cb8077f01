import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';

const LOCK = 7_240_152;
const BATCH = 1000;
const EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * What is of no use any more, `keepMs` after the moment in the column, which has an index: a round
 * reads nothing but what it deletes. Refresh tokens go with their sessions, or by themselves.
 */
const EXPIRY_RULES = [
  { table: 'revoked_tokens', key: 'key', over: 'expires_at', keepMs: 0 },
  { table: 'refresh_tokens', key: 'id', over: 'expires_at', keepMs: DAY_MS },
  { table: 'sessions', key: 'id', over: 'idle_until', keepMs: 30 * DAY_MS },
  { table: 'one_time_codes', key: 'id', over: 'expires_at', keepMs: 0 },
  { table: 'login_attempts', key: 'id', over: 'at', keepMs: 90 * DAY_MS },
] as const;

/**
 * Deletes what has expired, in small batches so that nothing waits for it, on one process at a
 * time. The audit log is kept.
 */
export class CleanUp {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.run().catch((error: unknown) =>
        this.logger.warn({ err: error }, 'clean-up failed; it is tried again'),
      );
    }, EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** One round. @returns how many rows went, by table; nothing where another process is at it */
  async run(): Promise<Record<string, number>> {
    const gone: Record<string, number> = {};
    for (const { table, key, over, keepMs } of EXPIRY_RULES) {
      const before = new Date(this.clock.now().getTime() - keepMs);
      for (let count = BATCH; count === BATCH && !this.stopped; ) {
        count = await this.batch(
          `delete from ${table} where ${key} in (select ${key} from ${table} where ${over} < ? limit ${BATCH}) returning 1`,
          before,
        );
        if (count > 0) gone[table] = (gone[table] ?? 0) + count;
        await sleep(1);
      }
    }
    return gone;
  }

  private batch(sql: string, before: Date): Promise<number> {
    return inTransaction(this.em, async (em) => {
      const lock = await sqlRow<{ mine: boolean }>(em, 'select pg_try_advisory_xact_lock(?) as mine', [LOCK]);
      return lock?.mine ? (await sqlRows(em, sql, [before])).length : 0;
    });
  }
}
