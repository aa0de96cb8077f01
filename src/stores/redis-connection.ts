import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createClient } from 'redis';
import { reason } from '../errors/reason';
import { StoreUnavailableError } from './key-value-store';

/** Together with the grace below the 500 ms that KeyValueStore promises. */
const COMMAND_TIMEOUT_MS = 350;
const GRACE_MS = 100;
const CONNECT_TIMEOUT_MS = 2000;
/** For TCP connection, handshake and password together; longer than the TCP connection alone may take. */
const READY_TIMEOUT_MS = 3000;
const HEARTBEAT_MS = 1000;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 1000;

type Client = ReturnType<typeof createRedisClient>;

function createRedisClient(url: string) {
  return createClient({
    url,
    // the offline queue would hold commands for as long as Redis is away
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // this class reconnects: the client's own loop waits for ever for a server that accepts and stays silent
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
  });
}

/**
 * One connection to Redis that is either usable or known not to be. The first command or heartbeat without an answer
 * drops the connection, which fails everything in flight, and it is opened again in the background.
 */
export class RedisConnection {
  readonly client: Client;
  private readonly logger: Logger;
  /** Host and port only: the URL may hold a password. */
  private readonly address: string;
  private readonly readyListeners = new Set<() => void>();
  private readonly attempted: Promise<void>;
  private markAttempted = () => {};
  private lastError: unknown;
  private closing = false;
  private wake = () => {};

  constructor(options: { url: string; logger: Logger }) {
    this.logger = options.logger;
    this.address = new URL(options.url).host;
    this.client = createRedisClient(options.url);
    // without a listener an 'error' event ends the process
    this.client.on('error', (error) => {
      this.lastError = error;
    });
    this.attempted = new Promise((resolve) => {
      this.markAttempted = resolve;
    });
    this.client.on('terminated', () => this.wake());
    this.client.on('end', () => this.wake());
    void this.keepConnected();
  }

  get isReady(): boolean {
    return this.client.isReady && this.client.isOpen;
  }

  /** Resolves when the first attempt to connect has succeeded or failed, or after `waitMs`. */
  async firstAttempt(waitMs: number): Promise<void> {
    await Promise.race([this.attempted, pause(waitMs, undefined, { ref: false })]);
  }

  onReady(listener: () => void): () => void {
    this.readyListeners.add(listener);
    return () => this.readyListeners.delete(listener);
  }

  /** Runs one command with its time limit; rejects only with StoreUnavailableError. */
  async run<T>(command: (client: Client) => Promise<T>): Promise<T> {
    if (!this.isReady) throw new StoreUnavailableError(this.lastError);
    const limit = this.timeLimit();
    try {
      return await Promise.race([command(this.client), limit.exceeded]);
    } catch (error) {
      throw new StoreUnavailableError(error);
    } finally {
      limit.cancel();
    }
  }

  /** Waits for commands in flight, at most their time limit. */
  async close(): Promise<void> {
    this.closing = true;
    this.wake();
    if (this.isReady) await Promise.race([this.client.close(), pause(COMMAND_TIMEOUT_MS, undefined, { ref: false })]);
    this.client.destroy();
  }

  private async keepConnected(): Promise<void> {
    let retryMs = MIN_RETRY_MS;
    let reportedAway = false;
    while (!this.closing) {
      if (await this.connect()) {
        if (reportedAway) this.logger.info({ redis: this.address }, 'Redis is back');
        reportedAway = false;
        this.markAttempted();
        this.notifyReady();
        if (await this.untilLost()) retryMs = MIN_RETRY_MS;
      }
      if (this.closing) break;
      if (!reportedAway)
        this.logger.warn(
          { redis: this.address, reason: reason(this.lastError) },
          'Redis is away: working without it, connecting again',
        );
      reportedAway = true;
      this.markAttempted();
      await this.sleep(retryMs);
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    }
    this.client.destroy();
  }

  private async connect(): Promise<boolean> {
    const deadline = setTimeout(() => this.client.destroy(), READY_TIMEOUT_MS);
    try {
      await this.client.connect();
      return this.isReady;
    } catch (error) {
      this.lastError = error;
      return false;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Resolves when the connection is lost, with whether it lasted for a heartbeat: if not, the retries slow down. */
  private async untilLost(): Promise<boolean> {
    let lasted = false;
    while (this.isReady && !this.closing) {
      await this.sleep(HEARTBEAT_MS);
      if (!this.isReady) break;
      // a ping that fails has dropped the connection
      lasted = await this.run((client) => client.ping()).then(
        () => true,
        () => lasted,
      );
    }
    return lasted;
  }

  private notifyReady(): void {
    for (const listener of this.readyListeners) {
      try {
        listener();
      } catch (error) {
        this.logger.error({ err: error }, 'a listener to the return of Redis failed');
      }
    }
  }

  /** Sleeps until the time is over, the connection is lost, or close() is called. */
  private async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Rejects when a command's time is over, and drops the connection: every other command waits behind that one. */
  private timeLimit(): { exceeded: Promise<never>; cancel: () => void } {
    let timer: NodeJS.Timeout | undefined;
    const exceeded = new Promise<never>((_resolve, reject) => {
      const expire = () => {
        this.lastError = new Error(`no answer within ${COMMAND_TIMEOUT_MS} ms`);
        reject(this.lastError);
        this.client.destroy();
      };
      // a process that was suspended may not have sent the command yet: the second timer gives it a chance
      timer = setTimeout(() => {
        timer = setTimeout(expire, GRACE_MS);
      }, COMMAND_TIMEOUT_MS);
    });
    return { exceeded, cancel: () => clearTimeout(timer) };
  }
}
