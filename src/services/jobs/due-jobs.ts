import type { JobQueue } from './job-queue';

type DueJobsOfKind = Awaited<ReturnType<JobQueue['countDue']>>[number];

/** Milliseconds that a scrape of the metrics waits for PostgreSQL. */
const WAIT_MS = 500;

/** Reads for the metrics how many jobs are due, with one statement at a time and for a short time only. */
export class DueJobs {
  private underWay: Promise<readonly DueJobsOfKind[] | null> | undefined;

  constructor(private readonly queue: JobQueue) {}

  /** @returns null while PostgreSQL does not answer in time */
  async read(): Promise<readonly DueJobsOfKind[] | null> {
    this.underWay ??= this.queue
      .countDue()
      .catch(() => null)
      .finally(() => {
        this.underWay = undefined;
      });
    const timeout = new Promise<null>((resolve) => setTimeout(resolve, WAIT_MS, null).unref());
    return Promise.race([this.underWay, timeout]);
  }
}
