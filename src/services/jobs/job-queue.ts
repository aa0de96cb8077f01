import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import type { ChangeFeed } from '../../database/change-feed';
import { jobsRun } from '../../observability/metrics/metrics';
import { countDueJobs, insertJob } from '../../queries/jobs';
import { type JobHandler, JobLane } from './job-lane';

const POLL_MS = 2000;

export interface NewJob {
  kind: string;
  payload?: Record<string, unknown>;
  /** Of jobs with one key there is one at a time. */
  key?: string;
  dueAt?: Date;
}

/**
 * Runs jobs from the table `jobs`, on whichever process is free. A job is added in the transaction
 * of the change that needs it, survives the process, and is run at least once.
 */
export class JobQueue {
  private readonly lanes = new Map<string, JobLane>();
  private readonly repeated = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly needs: { em: SqlEntityManager; clock: Clock; logger: Logger }) {}

  /** Names the handler of a kind; call it before `start`. */
  handle(kind: string, handler: JobHandler): void {
    this.lanes.set(kind, new JobLane({ ...this.needs, kind, handler }));
    for (const outcome of ['done', 'failed', 'given-up']) jobsRun.inc({ kind, outcome }, 0);
    if (handler.repeatAfter !== undefined) this.repeated.set(kind, handler.repeatAfter);
  }

  /** @param em of the transaction that needs the job */
  async add(em: SqlEntityManager, { kind, key, payload = {}, dueAt }: NewJob): Promise<void> {
    const now = this.needs.clock.now();
    await insertJob.rows(em, { kind, key: key ?? null, payload: JSON.stringify(payload), now, dueAt: dueAt ?? now });
  }

  /** Starts to run what is due: at once when a job is announced, and every two seconds besides. */
  start(feed: ChangeFeed): void {
    for (const [kind, seconds] of this.repeated) void this.addRepeated(kind, seconds);
    feed.onJob(() => this.wake());
    this.timer = setInterval(() => this.wake(), POLL_MS);
    this.timer.unref();
    this.wake();
  }

  /** Runs the jobs of a kind that are due, and waits for them, at most this many milliseconds. */
  async runDue(kind: string, limitMs: number): Promise<void> {
    const lane = this.lanes.get(kind);
    lane?.wake();
    await lane?.idle(limitMs);
  }

  /**
   * The due jobs of each kind, zero included, and for how long the first has been due.
   * @throws DriverException while PostgreSQL is away
   */
  async countDue(): Promise<{ kind: string; due: number; overdueSeconds: number }[]> {
    const now = this.needs.clock.now();
    const rows = await countDueJobs.rows(this.needs.em, { now });
    return [...this.lanes.keys()].map((kind) => {
      const row = rows.find((each) => each.kind === kind);
      const overdueMs = row ? now.getTime() - new Date(row.since).getTime() : 0;
      return { kind, due: row?.due ?? 0, overdueSeconds: Math.max(0, overdueMs / 1000) };
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.lanes.values()].map((lane) => lane.stop()));
  }

  private wake(): void {
    for (const lane of this.lanes.values()) lane.wake();
  }

  /** The job that comes again is there once, whichever process starts. */
  private async addRepeated(kind: string, seconds: number): Promise<void> {
    const { em, clock, logger } = this.needs;
    const dueAt = new Date(clock.now().getTime() + seconds * 1000);
    await this.add(em, { kind, key: kind, dueAt }).catch((error: unknown) =>
      logger.warn({ err: error, kind }, 'a repeated job could not be added; the next start tries again'),
    );
  }
}
