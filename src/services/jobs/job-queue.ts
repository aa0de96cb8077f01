import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { isDatabaseAway } from '../../database/availability';
import type { ChangeFeed } from '../../database/change-feed';
import { claimJobs, deleteJob, insertJob, type JobRow, postponeJob } from '../../queries/jobs';

const POLL_MS = 2000;
const BATCH = 20;
/** Longer than any handler takes: a job that a process has claimed and not finished by then is another's. */
const LEASE_MS = 120_000;

export interface JobHandler {
  /** Does the work. Whatever it throws is a failure. */
  run(payload: Record<string, unknown>, job: { tries: number; createdAt: Date }): Promise<void>;
  /** Seconds until the next try after a failure; null gives the job up. */
  retryAfter(error: unknown, job: { tries: number; createdAt: Date }): number | null;
  /** Seconds after which a job that succeeded comes again. */
  repeatAfter?: number;
}

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
  private readonly handlers = new Map<string, JobHandler>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | null = null;
  private isDue = false;
  private isStopped = false;

  constructor(private readonly needs: { em: SqlEntityManager; clock: Clock; logger: Logger }) {}

  /** Names the handler of a kind; call it before `start`. */
  handle(kind: string, handler: JobHandler): void {
    this.handlers.set(kind, handler);
  }

  /** @param em of the transaction that needs the job */
  async add(em: SqlEntityManager, { kind, key, payload = {}, dueAt }: NewJob): Promise<void> {
    const now = this.needs.clock.now();
    await insertJob.rows(em, { kind, key: key ?? null, payload: JSON.stringify(payload), now, dueAt: dueAt ?? now });
  }

  /** Starts to run what is due: at once when a job is announced, and every two seconds besides. */
  start(feed: ChangeFeed): void {
    for (const [kind, { repeatAfter }] of this.handlers)
      if (repeatAfter !== undefined) void this.addRepeated(kind, repeatAfter);
    feed.onJob(() => this.wake());
    this.timer = setInterval(() => this.wake(), POLL_MS);
    this.timer.unref();
    this.wake();
  }

  /** The job that comes again is there once, whichever process starts. */
  private async addRepeated(kind: string, seconds: number): Promise<void> {
    const { em, clock, logger } = this.needs;
    const dueAt = new Date(clock.now().getTime() + seconds * 1000);
    await this.add(em, { kind, key: kind, dueAt }).catch((error: unknown) =>
      logger.warn({ err: error, kind }, 'a repeated job could not be added; the next start tries again'),
    );
  }

  /** Waits for the jobs under way; what has not begun stays for the next start. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  /** One round at a time; what becomes due meanwhile is looked at once more at its end. */
  wake(): void {
    this.isDue = true;
    if (this.round || this.isStopped) return;
    this.round = this.runDue()
      .catch((error: unknown) => {
        this.isDue = false;
        if (!isDatabaseAway(error)) this.needs.logger.warn({ err: error }, 'the job queue could not be read');
      })
      .finally(() => {
        this.round = null;
        if (this.isDue) this.wake(); // a job was announced after the last look
      });
  }

  private async runDue(): Promise<void> {
    while (this.isDue && !this.isStopped) {
      this.isDue = false;
      const now = this.needs.clock.now();
      const leaseEnd = new Date(now.getTime() + LEASE_MS);
      const jobs = await claimJobs.rows(this.needs.em, { now, leaseEnd, limit: BATCH });
      await Promise.all(jobs.map((job) => this.run(job)));
      if (jobs.length === BATCH) this.isDue = true;
    }
  }

  private async run({ id, kind, payload, tries, created_at }: JobRow): Promise<void> {
    const { em, clock, logger } = this.needs;
    const handler = this.handlers.get(kind);
    if (!handler) return; // a newer version's, which has the handler
    const job = { tries, createdAt: new Date(created_at) };
    const postpone = (seconds: number, tries: number) =>
      postponeJob.rows(em, { id, dueAt: new Date(clock.now().getTime() + seconds * 1000), tries });
    try {
      await handler.run(payload, job);
      if (handler.repeatAfter === undefined) await deleteJob.rows(em, { id });
      else await postpone(handler.repeatAfter, 0);
    } catch (error) {
      const seconds = handler.retryAfter(error, job);
      if (seconds === null) {
        logger.error({ err: error, kind }, 'a job was given up');
        await deleteJob.rows(em, { id });
      } else {
        if (tries === 1) logger.warn({ err: error, kind }, 'a job failed; it is tried again');
        await postpone(seconds, tries);
      }
    }
  }
}
