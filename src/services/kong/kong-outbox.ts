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
  type ClaimedKongCredential,
  claimEndedKongCredentials,
  forgetKongCredential,
  postponeKongCredential,
  revokeOrphanedKongCredentials,
} from '../../queries/kong-credentials';

const EVERY_MS = 2000;
/** How long the answer to a logout waits for Kong. */
const PROPAGATION_MS = 500;
const BATCH = 20;
const FIRST_PAUSE_S = 2;
const LONGEST_PAUSE_S = 30;
/** Beyond the longest call to Kong; another process may then take the claimed credentials over. */
const LEASE_MARGIN_MS = 5000;
/**
 * A hanging Kong may still carry out a POST whose answer was lost. For this long after the sign-in,
 * "no such credential" does not complete the deletion of an unconfirmed one.
 */
const LATE_MS = 600_000;

/** A credential of a failed sign-in, which Kong may hold now or soon. */
interface Abandoned {
  key: string;
  userId: string;
  consumer: string;
}

/**
 * Deletes the ended credentials in Kong and retries until Kong has confirmed it. It acts on the
 * changes of accounts that the feed announces, and polls every two seconds besides.
 */
export class KongOutbox {
  private timer: NodeJS.Timeout | undefined;
  /** Accounts whose orphaned credentials the next round revokes; `*` stands for all accounts. */
  private readonly announced = new Set<string>();
  /** By key; not yet written to the database. */
  private readonly abandoned = new Map<string, Abandoned>();
  private round: Promise<void> | null = null;
  /** Whether another round has to follow the current one. */
  private isDue = false;
  private isStopped = false;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly kong: KongClient | null,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(feed: ChangeFeed): void {
    if (!this.kong) return;
    feed.onChange((account) => this.announce(account));
    this.timer = setInterval(() => this.run(), EVERY_MS);
    this.timer.unref();
    this.announce('*');
  }

  /** Ends the credential of a failed sign-in, as soon as the database can record it. */
  abandon(credential: Abandoned): void {
    this.abandoned.set(credential.key, credential);
    this.run();
  }

  /**
   * Resolves when no round is running, at the latest after PROPAGATION_MS, so that Kong usually
   * rejects a credential as soon as the logout is answered.
   */
  async propagated(): Promise<void> {
    const until = performance.now() + PROPAGATION_MS;
    for (let left = PROPAGATION_MS; this.round && left > 0; left = until - performance.now()) {
      await Promise.race([this.round, sleep(left, undefined, { ref: false })]);
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  private announce(account: string): void {
    this.announced.add(account);
    this.run();
  }

  /** Deletes ended credentials, of these accounts or of all, batch by batch. Failures are retried later. */
  async deliver(userIds: readonly string[] | null = null): Promise<void> {
    const { kong } = this;
    if (!kong) return;
    const ids = userIds && uuidArray(userIds);
    for (let more = true; more && !this.isStopped; ) {
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
      // after a failure the rest waits for the next round
      more = claimed.length === BATCH && failures.length === 0;
    }
  }

  /** @returns the error, if Kong did not do it */
  private async remove(kong: KongClient, credential: ClaimedKongCredential): Promise<unknown> {
    const { key, consumer, confirmed, created_at, tries } = credential;
    let failure: unknown = null;
    const existed = await kong.deleteCredential(consumer, key).catch((error: unknown) => {
      failure = error;
    });
    const now = this.clock.now().getTime();
    const mayStillAppear = existed === false && !confirmed && now - new Date(created_at).getTime() < LATE_MS;
    if (failure !== null || mayStillAppear) {
      const seconds = Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** Math.min(tries - 1, 10));
      const until = new Date(now + seconds * 1000);
      await postponeKongCredential.rows(this.em, { key, confirmed, until });
    } else await forgetKongCredential.rows(this.em, { key, confirmed });
    return failure;
  }

  /** One round at a time, so that a hanging Kong gets one batch of requests at most. */
  private run(): void {
    this.isDue = this.round !== null;
    if (this.round || this.isStopped) return;
    this.round = this.runRound()
      .catch((error: unknown) => {
        if (!isDatabaseAway(error)) this.logger.warn({ err: error }, 'the outbox of Kong could not be read');
      })
      .finally(() => {
        this.round = null;
        if (this.isDue) this.run();
      });
  }

  private async runRound(): Promise<void> {
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
