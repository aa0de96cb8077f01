import type { Logger } from 'pino';
import { type KeyValueStore, StoreUnavailableError } from './key-value-store';
import { RedisConnection } from './redis-connection';
import { limiterClient } from './redis-limiter-client';

/** One script, so that no crash can leave a counter without an end. */
const INCREMENT = `
local sum = redis.call('INCR', KEYS[1])
if sum == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return sum`;

/**
 * The store that several processes share. Each operation is one Redis command or one script, and
 * Redis runs those one after the other: that is the whole atomicity. It never waits for a Redis
 * that is away: operations reject at once, while a background loop connects again.
 */
export class RedisStore implements KeyValueStore {
  readonly kind = 'redis';
  private readonly connection: RedisConnection;

  /**
   * Starts to connect in the background. `url` is a redis:// or rediss:// URL; a malformed one
   * throws a TypeError.
   */
  constructor(options: { url: string; logger: Logger }) {
    this.connection = new RedisConnection(options);
  }

  /**
   * Waits until the first attempt to connect has ended, either way, or the time (ms) is over; says
   * whether Redis is there.
   */
  async connected(waitMs: number): Promise<boolean> {
    await this.connection.firstAttempt(waitMs);
    return this.healthy();
  }

  /**
   * The client that node-redis made, for what this port has no word for. Its commands are not
   * bounded in time: prefer {@link limiterClient}.
   */
  get client(): RedisConnection['client'] {
    return this.connection.client;
  }

  /**
   * The `storeClient` for rate-limiter-flexible's RateLimiterRedis (with `useRedisPackage: true,
   * rejectIfRedisNotReady: true`).
   */
  get limiterClient(): ReturnType<typeof limiterClient> {
    return limiterClient(this.connection);
  }

  get(key: string): Promise<string | null> {
    return this.connection.run((client) => client.get(key));
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.connection.run((client) => client.set(key, value, { expiration: { type: 'PX', value: ttlMs } }));
  }

  take(key: string): Promise<string | null> {
    return this.connection.run((client) => client.getDel(key));
  }

  async delete(key: string): Promise<boolean> {
    return (await this.connection.run((client) => client.del(key))) > 0;
  }

  async increment(key: string, ttlMs: number): Promise<number> {
    return Number(
      await this.connection.run((client) => client.eval(INCREMENT, { keys: [key], arguments: [String(ttlMs)] })),
    );
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    const reply = await this.connection.run((client) =>
      client.set(key, value, { condition: 'NX', expiration: { type: 'PX', value: ttlMs } }),
    );
    return reply === 'OK';
  }

  async ping(): Promise<boolean> {
    try {
      return (await this.connection.run((client) => client.ping())) === 'PONG';
    } catch (error) {
      if (error instanceof StoreUnavailableError) return false;
      throw error;
    }
  }

  healthy(): boolean {
    return this.connection.isReady;
  }

  onReconnect(listener: () => void): () => void {
    return this.connection.onReady(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
