import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { isDatabaseAway } from '../../database/availability';
import type { ChangeFeed } from '../../database/change-feed';
import { uuidArray } from '../../database/uuid';
import type { KongClient } from '../../integrations/kong/kong-client';
import {
  abandonKongCredential,
  deleteKongCredential,
  findKongCredential,
  revokeOrphanedKongCredentials,
} from '../../queries/kong-credentials';
import type { JobState } from '../jobs/job-lane';
import type { JobQueue } from '../jobs/job-queue';

const DELETION = 'kong.delete-credential';
const FIRST_PAUSE_S = 2;
const LONGEST_PAUSE_S = 30;
/**
 * A hanging Kong may still carry out a POST whose answer was lost. For this long after the sign-in,
 * "no such credential" does not complete the deletion of an unconfirmed one.
 */
const LATE_MS = 600_000;
const ABANDON_RETRY_MS = 1000;

export interface KongDeletionsDependencies {
  em: SqlEntityManager;
  /** Null where no Kong is configured. */
  kong: KongClient | null;
  queue: JobQueue;
  clock: Clock;
  logger: Logger;
}

/** A credential of a failed sign-in, which Kong may hold now or soon. */
interface AbandonedCredential {
  key: string;
  userId: string;
  consumer: string;
}

/**
 * Deletes ended credentials in Kong. A trigger gives each credential a job that is due when the
 * credential ends, so the rows alone decide; the queue retries until Kong has confirmed it.
 */
export class KongDeletions {
  private readonly stopping = new AbortController();
  /** Accounts whose orphaned credentials are revoked next; `*` stands for all accounts. */
  private readonly announced = new Set<string>();
  private revoking: Promise<void> | null = null;

  constructor(private readonly dependencies: KongDeletionsDependencies) {
    const { kong, queue } = dependencies;
    if (!kong) return;
    queue.handle(DELETION, {
      run: ({ key }, job) => this.delete(String(key), kong, job),
      retryAfter: (_error, { tries }) => pauseAfter(tries),
    });
  }

  /** Also ends the credentials of accounts that plain SQL has disabled or deleted. */
  start(feed: ChangeFeed): void {
    if (!this.dependencies.kong) return;
    feed.onChange((account) => {
      this.announced.add(account);
      this.revoking ??= this.revokeOrphaned();
    });
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Ends the credential of a failed sign-in, as soon as the database can record it. */
  abandon(credential: AbandonedCredential): void {
    void this.recordAbandoned(credential).catch((error: unknown) =>
      this.dependencies.logger.warn({ err: error }, 'a failed sign-in at Kong leaves a credential until it expires'),
    );
  }

  /** Deletes what has ended now, and waits for Kong at most this many milliseconds. */
  async run(limitMs: number): Promise<void> {
    const until = performance.now() + limitMs;
    await Promise.race([this.revoking, sleep(limitMs, undefined, { ref: false })]);
    await this.dependencies.queue.runDue(DELETION, until - performance.now());
  }

  private async recordAbandoned(credential: AbandonedCredential): Promise<void> {
    const { em, clock } = this.dependencies;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await abandonKongCredential.rows(em, { ...credential, now: clock.now() });
        return;
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        await sleep(ABANDON_RETRY_MS, undefined, { ref: false, signal }).catch(() => undefined);
      }
    }
  }

  /** What is announced meanwhile is revoked by the next statement. */
  private async revokeOrphaned(): Promise<void> {
    const { em, clock, logger } = this.dependencies;
    try {
      while (this.announced.size > 0) {
        const ids = this.announced.has('*') ? null : uuidArray([...this.announced]);
        this.announced.clear();
        await revokeOrphanedKongCredentials.rows(em, { ids, now: clock.now() });
      }
    } catch (error) {
      // the feed announces all accounts when the database is back
      if (!isDatabaseAway(error)) logger.warn({ err: error }, 'orphaned credentials could not be revoked');
    } finally {
      this.revoking = null;
    }
  }

  /** @returns when to look again; nothing when the credential is gone */
  private async delete(key: string, kong: KongClient, { tries }: JobState): Promise<Date | undefined> {
    const { em, clock } = this.dependencies;
    const credential = await findKongCredential.row(em, { key });
    if (!credential) return undefined;
    const { consumer, confirmed } = credential;
    const now = clock.now().getTime();
    const endsAt = new Date(credential.ends_at);
    if (endsAt.getTime() > now) return endsAt;
    const existed = await kong.deleteCredential(consumer, key);
    const again = new Date(now + pauseAfter(tries) * 1000);
    const mayStillAppear = !existed && !confirmed && now - new Date(credential.created_at).getTime() < LATE_MS;
    if (mayStillAppear) return again;
    return (await deleteKongCredential.row(em, { key, confirmed })) ? undefined : again;
  }
}

/** @returns seconds */
function pauseAfter(tries: number): number {
  return Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** Math.min(tries - 1, 10));
}
