import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { isDatabaseAway } from '../../database/availability';
import { jobsRun } from '../../observability/metrics/metrics';
import { traced } from '../../observability/tracing/tracing';
import { claimJobs, deleteJob, type JobRow, postponeJob } from '../../queries/jobs';

const BATCH = 20;
/** Longer than any handler takes: another process takes over a job that is not finished by then. */
const LEASE_MS = 120_000;

/** How often a job was claimed since it last succeeded, this time included, and its age. */
export interface JobState {
  tries: number;
  createdAt: Date;
}

export interface JobHandler {
  /**
   * Does the work; every error it throws is a failure.
   * @returns when the job comes again; nothing when it is done
   */
  run(payload: Record<string, unknown>, job: JobState): Promise<Date | undefined> | Promise<void>;
  /** Seconds until the next try after a failure; null gives the job up. */
  retryAfter(error: unknown, job: JobState): number | null;
  /** Seconds after which a job that succeeded comes again. */
  repeatAfter?: number;
}

export interface JobLaneDependencies {
  kind: string;
  handler: JobHandler;
  em: SqlEntityManager;
  clock: Clock;
  logger: Logger;
}

/**
 * Runs the jobs of one kind, at most twenty at once. Each kind has a lane, so that an SMTP server
 * or a Kong that hangs delays only its own jobs.
 */
export class JobLane {
  private round: Promise<void> | null = null;
  private isDue = false;
  private isStopped = false;

  constructor(private readonly dependencies: JobLaneDependencies) {}

  /** One round at a time; jobs that become due meanwhile are claimed at its end. */
  wake(): void {
    this.isDue = true;
    if (this.round || this.isStopped) return;
    this.round = this.runDue()
      .catch((error: unknown) => {
        this.isDue = false;
        const { kind, logger } = this.dependencies;
        if (!isDatabaseAway(error)) logger.warn({ err: error, kind }, 'the job queue could not be read');
      })
      .finally(() => {
        this.round = null;
        if (this.isDue) this.wake(); // a job was announced after the last claim
      });
  }

  /** Resolves when no round is running, at the latest after this many milliseconds. */
  async idle(limitMs: number): Promise<void> {
    const until = performance.now() + limitMs;
    for (let left = limitMs; this.round && left > 0; left = until - performance.now())
      await Promise.race([this.round, sleep(left, undefined, { ref: false })]);
  }

  /** Waits for the jobs under way; the others stay for the next start. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.round;
  }

  private async runDue(): Promise<void> {
    const { em, clock, kind } = this.dependencies;
    while (this.isDue && !this.isStopped) {
      this.isDue = false;
      const now = clock.now();
      const leaseEnd = new Date(now.getTime() + LEASE_MS);
      const jobs = await claimJobs.rows(em, { kind, now, leaseEnd, limit: BATCH });
      await Promise.all(jobs.map((job) => this.run(job)));
      if (jobs.length === BATCH) this.isDue = true;
    }
  }

  private async run({ id, payload, tries, created_at }: JobRow): Promise<void> {
    const { em, clock, kind, handler, logger } = this.dependencies;
    const job = { tries, createdAt: new Date(created_at) };
    const inSeconds = (seconds: number) => new Date(clock.now().getTime() + seconds * 1000);
    try {
      const nextAt = await traced(
        () => ({ name: `job ${kind}`, kind: 'internal' }),
        async () => handler.run(payload, job),
      );
      if (nextAt) await postponeJob.rows(em, { id, dueAt: nextAt, tries });
      else if (handler.repeatAfter === undefined) await deleteJob.rows(em, { id });
      else await postponeJob.rows(em, { id, dueAt: inSeconds(handler.repeatAfter), tries: 0 });
      jobsRun.inc({ kind, outcome: 'done' });
    } catch (error) {
      const seconds = handler.retryAfter(error, job);
      jobsRun.inc({ kind, outcome: seconds === null ? 'given-up' : 'failed' });
      if (seconds === null) {
        logger.error({ err: error, kind }, 'a job was given up');
        await deleteJob.rows(em, { id });
      } else {
        if (tries === 1) logger.warn({ err: error, kind }, 'a job failed; it is tried again');
        await postponeJob.rows(em, { id, dueAt: inSeconds(seconds), tries });
      }
    }
  }
}
