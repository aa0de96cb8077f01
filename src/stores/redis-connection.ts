import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ErrorReply } from 'redis';
import { parseRedisAddress, type RedisAddress } from '../config/redis-address';
import { reason } from '../errors/reason';
import { redisDuration } from '../observability/metrics/metrics';
import { ObservedWork } from '../observability/observed-work';
import { StoreUnavailableError } from './key-value-store';
import { createRedisClient, type RedisClient } from './redis-client';

/** Together with the grace below the 500 ms that KeyValueStore promises. */
const COMMAND_TIMEOUT_MS = 350;
const GRACE_MS = 100;
/** For TCP connection, handshake and password together, and for the way to the primary. */
const READY_TIMEOUT_MS = 2000;
const HEARTBEAT_MS = 1000;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 1000;

/** Replies of a node that is not, or no longer, the one to ask: another connection finds that one. */
const WRONG_NODE = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN)\b/;

const commands = new ObservedWork({
  duration: redisDuration,
  span: { kind: 'client', attributes: { 'db.system.name': 'redis' } },
  failureOf: () => 'unavailable',
});

/**
 * One connection to Redis, to a node, by way of sentinels, or to all primaries of a cluster: it is either usable or
 * known not to be. The first command or heartbeat without an answer drops it, which fails everything in flight, and
 * another is opened in the background.
 */
export class RedisConnection {
  private readonly address: RedisAddress;
  private readonly logger: Logger;
  /** Hosts and ports only: the URL may hold a password. */
  private readonly place: string;
  private readonly readyListeners = new Set<() => void>();
  private readonly attempted: Promise<void>;
  private markAttempted = () => {};
  private attempts = 0;
  private client: RedisClient | undefined;
  private lastError: unknown;
  private closing = false;
  private wake = () => {};

  /** Starts to connect in the background. @throws TypeError when the URL names no Redis */
  constructor(options: { url: string; logger: Logger }) {
    this.address = parseRedisAddress(options.url);
    this.logger = options.logger;
    this.place = this.address.nodes.map(({ host, port }) => `${host}:${port}`).join(',');
    this.attempted = new Promise((resolve) => {
      this.markAttempted = resolve;
    });
    void this.keepConnected();
  }

  get isReady(): boolean {
    return this.client?.isReady === true;
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
  run<T>(name: string, command: (client: RedisClient) => Promise<T>): Promise<T> {
    return commands.run(name, () => this.runInTime(command));
  }

  private async runInTime<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const { client } = this;
    if (!client?.isReady) throw new StoreUnavailableError(this.lastError);
    const limit = timeLimit();
    try {
      return await Promise.race([command(client), limit.exceeded]);
    } catch (error) {
      if (!(error instanceof ErrorReply) || WRONG_NODE.test(error.message)) this.drop(client, error);
      throw new StoreUnavailableError(error);
    } finally {
      limit.cancel();
    }
  }

  /** Waits for commands in flight, at most their time limit. */
  async close(): Promise<void> {
    this.closing = true;
    this.wake();
    const { client } = this;
    if (!client) return;
    if (client.isReady)
      await Promise.race([client.close().catch(() => undefined), pause(COMMAND_TIMEOUT_MS, undefined, { ref: false })]);
    this.drop(client);
  }

  private async keepConnected(): Promise<void> {
    let retryMs = MIN_RETRY_MS;
    let reportedAway = false;
    while (!this.closing) {
      if (await this.connect()) {
        if (reportedAway) this.logger.info({ redis: this.place }, 'Redis is back');
        reportedAway = false;
        this.markAttempted();
        this.notifyReady();
        if (await this.untilLost()) retryMs = MIN_RETRY_MS;
      }
      if (this.closing) break;
      if (!reportedAway)
        this.logger.warn(
          { redis: this.place, reason: reason(this.lastError) },
          'Redis is away: working without it, connecting again',
        );
      reportedAway = true;
      this.markAttempted();
      await this.sleep(retryMs);
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    }
  }

  private async connect(): Promise<boolean> {
    const client: RedisClient = createRedisClient(this.address, this.attempts++, {
      onLost: () => this.drop(client),
      // without a listener an 'error' event ends the process
      onError: (error) => {
        this.lastError = error;
      },
    });
    const limit = timeLimit(READY_TIMEOUT_MS);
    try {
      await Promise.race([client.connect().then(() => client.probe()), limit.exceeded]);
      if (this.closing || !client.isReady) throw new Error('the connection was lost at once');
      this.client = client;
      return true;
    } catch (error) {
      this.lastError = error;
      client.destroy();
      return false;
    } finally {
      limit.cancel();
    }
  }

  /** Fails everything in flight: every other command waits behind the one without an answer. */
  private drop(client: RedisClient, error?: unknown): void {
    if (this.client !== client) return;
    this.client = undefined;
    if (error !== undefined) this.lastError = error;
    client.destroy();
    this.wake();
  }

  /** Resolves when the connection is lost, with whether it lasted for a heartbeat: if not, the retries slow down. */
  private async untilLost(): Promise<boolean> {
    let lasted = false;
    while (this.isReady && !this.closing) {
      await this.sleep(HEARTBEAT_MS);
      if (!this.isReady) break;
      lasted = await this.run('PING', (client) => client.probe()).then(
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
}

/** `exceeded` rejects when the time is over. */
function timeLimit(ms = COMMAND_TIMEOUT_MS): { exceeded: Promise<never>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const exceeded = new Promise<never>((_resolve, reject) => {
    // a process that was suspended may not have sent the command yet: the second timer gives it a chance
    timer = setTimeout(() => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), GRACE_MS);
    }, ms);
  });
  return { exceeded, cancel: () => clearTimeout(timer) };
}
