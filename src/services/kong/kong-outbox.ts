import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import type { ChangeFeed } from '../../database/change-feed';
import { uuidArray } from '../../database/uuid';
import type { KongClient } from '../../integrations/kong/kong-client';
import {
  abandonKongCredential,
  type ClaimedKongCredential,
  claimEndedKongCredentials,
  forgetKongCredential,
  postponeKongCredential,
  revokeOrphanedKongCredentials,
} from '../../queries/kong-credentials';

const EVERY_MS = 2000;
/**
 * How long the answer to what ends credentials waits for Kong: long enough where all is well, and
 * no burden where it is not.
 */
const SETTLE_MS = 500;
const BATCH = 20;
const FIRST_PAUSE_S = 2;
const LONGEST_PAUSE_S = 30;
/**
 * Longer than any call to Kong that finds an answer: what a process has claimed and not deleted by
 * then is another's.
 */
const LEASE_MARGIN_MS = 5000;
/**
 * A credential whose making Kong never confirmed may still come to be: the request may wait in a
 * Kong that hangs. So long after the sign-in "there is no such credential" is no reason to forget
 * it.
 */
const LATE_MS = 600_000;

/** A credential that Kong may hold, or come to hold. */
interface Abandoned {
  key: string;
  userId: string;
  consumer: string;
}

/**
 * Deletes in Kong the credentials that have ended here, and goes on trying until Kong has confirmed
 * it. It acts when the feed says that something of an account has ended, and looks for what is due
 * every two seconds besides.
 */
export class KongOutbox {
  private timer: NodeJS.Timeout | undefined;
  /** What the next round is about: ids of accounts, and `*` for everybody. */
  private readonly announced = new Set<string>();
  /** By key; what is here could not be written yet. */
  private readonly abandoned = new Map<string, Abandoned>();
  private round: Promise<void> | null = null;
  /** Something came while a round was under way. */
  private again = false;
  private stopped = false;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly kong: KongClient | null,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(feed: ChangeFeed): void {
    if (!this.kong) return;
    feed.onChange((account) => this.soon(account));
    this.timer = setInterval(() => this.run(), EVERY_MS);
    this.timer.unref();
    this.soon('*');
  }

  /**
   * Ends the credential of a sign-in that has failed, as soon as the database is there to write it
   * down.
   */
  abandon(credential: Abandoned): void {
    this.abandoned.set(credential.key, credential);
    this.run();
  }

  /**
   * Resolves when nothing is under way, at the latest after SETTLE_MS: who is told that he is
   * logged out finds it so at the gateway.
   */
  async settled(): Promise<void> {
    const until = performance.now() + SETTLE_MS;
    for (let left = SETTLE_MS; this.round && left > 0; left = until - performance.now()) {
      await Promise.race([this.round, sleep(left, undefined, { ref: false })]);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  private soon(account: string): void {
    this.announced.add(account);
    this.run();
  }

  /**
   * Deletes what is due, of these accounts or of all, batch by batch. What fails stays, for later.
   */
  async deliver(userIds: readonly string[] | null = null): Promise<void> {
    const { kong } = this;
    if (!kong) return;
    const ids = userIds && uuidArray(userIds);
    for (let more = true; more && !this.stopped; ) {
      const now = this.clock.now();
      const leasedUntil = new Date(now.getTime() + kong.timeoutMs + LEASE_MARGIN_MS);
      const claimed = await claimEndedKongCredentials.rows(this.em, { now, leasedUntil, ids, limit: BATCH });
      const failures = (await Promise.all(claimed.map((row) => this.remove(kong, row)))).filter(
        (error) => error !== null,
      );
      if (failures.length > 0) {
        this.logger.warn(
          { err: failures[0], count: failures.length },
          'credentials could not be deleted in Kong; it is tried again',
        );
      }
      // after a failure nothing is gained by asking at once for the rest
      more = claimed.length === BATCH && failures.length === 0;
    }
  }

  /** @returns why Kong did not do it */
  private async remove(kong: KongClient, credential: ClaimedKongCredential): Promise<unknown> {
    const { key, consumer, confirmed, created_at, tries } = credential;
    let failure: unknown = null;
    const existed = await kong.deleteCredential(consumer, key).catch((error: unknown) => {
      failure = error;
    });
    const now = this.clock.now().getTime();
    const mayStillCome = existed === false && !confirmed && now - new Date(created_at).getTime() < LATE_MS;
    if (failure !== null || mayStillCome) {
      const seconds = Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** Math.min(tries - 1, 10));
      const until = new Date(now + seconds * 1000);
      await postponeKongCredential.rows(this.em, { key, confirmed, until });
    } else await forgetKongCredential.rows(this.em, { key, confirmed });
    return failure;
  }

  /**
   * One round at a time: a Kong that hangs gets no more than one batch of requests from it. What
   * comes meanwhile waits for its end.
   */
  private run(): void {
    this.again = this.round !== null;
    if (this.round || this.stopped) return;
    this.round = this.settle()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'the gateway outbox could not be read'))
      .finally(() => {
        this.round = null;
        if (this.again) this.run();
      });
  }

  private async settle(): Promise<void> {
    const accounts = this.announced.has('*') ? null : [...this.announced];
    this.announced.clear();
    const now = this.clock.now();
    for (const credential of this.abandoned.values()) {
      await abandonKongCredential.rows(this.em, { ...credential, now });
      this.abandoned.delete(credential.key);
    }
    if (accounts?.length !== 0)
      await revokeOrphanedKongCredentials.rows(this.em, { ids: accounts && uuidArray(accounts), now });
    await this.deliver();
  }
}
