import { performance } from 'node:perf_hooks';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { reason } from '../errors/reason';
import type { PrimaryCheck } from './primary-check';

/** @param account id of the account whose rights may have shrunk, or `*` for all */
export type ChangeListener = (account: string) => void;

const CHANGES = 'identity_changes';
const JOBS = 'identity_jobs';
const AUDIT = 'identity_audit';
const HEARTBEAT_MS = 250;
/** So long after the last answered heartbeat the feed is not trusted any more. */
const TRUST_MS = 1000;
const RECONNECT_MS = 250;

/**
 * Receives every committed change that migration 0002 announces, on a connection of its own.
 *
 * Invariant: while `trusted`, every change that was committed more than TRUST_MS ago has been given
 * to the listeners. The heartbeat's answer arrives after the notifications that were committed
 * before it was sent, so an answered heartbeat proves that nothing is missing up to then. After a
 * gap the listeners get `*`.
 */
export class ChangeFeed {
  private readonly listeners = new Set<ChangeListener>();
  private readonly jobListeners = new Set<() => void>();
  private readonly auditListeners = new Set<(id: string) => void>();
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private confirmedAt = Number.NEGATIVE_INFINITY;
  /** As `confirmedAt`, and kept when the feed is lost; the start counts as one. */
  private lastConfirmedAt = performance.now();
  private underWay: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;
  private stopped = false;
  private isReportedLost = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
    private readonly primary: PrimaryCheck,
  ) {}

  /**
   * Connects in the background; until then the feed is not trusted. Resolves when the first attempt
   * has succeeded or failed.
   */
  async start(): Promise<void> {
    await this.connect();
  }

  onChange(listener: ChangeListener): void {
    this.listeners.add(listener);
  }

  /** Calls the listener when a job was added, by whichever process. */
  onJob(listener: () => void): void {
    this.jobListeners.add(listener);
  }

  /** Calls the listener with the id of each new security event. */
  onAuditEvent(listener: (id: string) => void): void {
    this.auditListeners.add(listener);
  }

  get trusted(): boolean {
    return performance.now() - this.confirmedAt < TRUST_MS;
  }

  /** Seconds since PostgreSQL has last confirmed that no change is missing. */
  get lagSeconds(): number {
    return (performance.now() - this.lastConfirmedAt) / 1000;
  }

  /**
   * Resolves when every change that is committed now has been given to the listeners, or the feed
   * is known not to be trusted.
   */
  async caughtUp(): Promise<void> {
    const { client } = this;
    if (!client || !this.trusted) return;
    await this.confirm(client).catch((error: Error) => this.lose(client, error));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.confirmedAt = Number.NEGATIVE_INFINITY;
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    if (this.stopped) return;
    const client = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: 2000,
      query_timeout: TRUST_MS,
      keepAlive: true,
    });
    client.on('notification', ({ channel, payload }) => {
      if (channel === JOBS) for (const listener of this.jobListeners) listener();
      else if (channel === AUDIT) for (const listener of this.auditListeners) listener(payload ?? '');
      else this.notify(payload ?? '*');
    });
    client.on('error', (error) => this.lose(client, error));
    client.on('end', () => this.lose(client));
    this.client = client;
    this.underWay = Promise.resolve();
    this.next = undefined;
    try {
      await client.connect();
      await this.primary.admit(client);
      await client.query(`listen ${CHANGES}; listen ${JOBS}; listen ${AUDIT}`);
      this.notify('*'); // announcements before this moment were missed
      await this.beat(client);
      if (this.isReportedLost) this.logger.info('the change feed from PostgreSQL is back');
      this.isReportedLost = false;
    } catch (error) {
      this.lose(client, error as Error);
    }
  }

  /**
   * Waits for the answer to a statement, one at a time: calls that come in while one is under way
   * share the next. Everything that was committed before it is sent has arrived before its answer.
   */
  private confirm(client: Client): Promise<void> {
    this.next ??= this.underWay
      .catch(() => undefined)
      .then(async () => {
        this.next = undefined;
        const sentAt = performance.now();
        this.underWay = client.query('select 1');
        await this.underWay;
        if (this.client === client) this.confirmedAt = this.lastConfirmedAt = sentAt;
      });
    return this.next;
  }

  private async beat(client: Client): Promise<void> {
    await this.confirm(client);
    if (this.client !== client) return;
    this.timer = setTimeout(
      () => void this.beat(client).catch((error: Error) => this.lose(client, error)),
      HEARTBEAT_MS,
    );
    this.timer.unref();
  }

  private lose(client: Client, error?: Error): void {
    if (this.client !== client || this.stopped) return;
    this.client = undefined;
    this.confirmedAt = Number.NEGATIVE_INFINITY;
    clearTimeout(this.timer);
    client.removeAllListeners();
    client.on('error', () => undefined);
    void client.end().catch(() => undefined);
    if (!this.isReportedLost)
      this.logger.warn(
        { reason: reason(error) },
        'the change feed from PostgreSQL is lost; tokens are checked in the database until it is back',
      );
    this.isReportedLost = true;
    this.timer = setTimeout(() => void this.connect(), RECONNECT_MS);
    this.timer.unref();
  }

  private notify(account: string): void {
    for (const listener of this.listeners) listener(account);
  }
}
