import type { Logger } from 'pino';
import type { KeyValueStore } from './key-value-store';
import { RedisConnection } from './redis-connection';
import { limiterClient } from './redis-limiter-client';

/**
 * The store that several processes share. It never waits for a Redis that is away: operations reject at once while
 * a background loop connects again.
 */
export class RedisStore implements KeyValueStore {
  private readonly connection: RedisConnection;

  /** Starts to connect in the background. @throws TypeError when `url` names no Redis, as REDIS_URL does */
  constructor(options: { url: string; logger: Logger }) {
    this.connection = new RedisConnection(options);
  }

  /** Waits for the end of the first attempt to connect, at most `waitMs`. @returns whether Redis is there */
  async waitForFirstAttempt(waitMs: number): Promise<boolean> {
    await this.connection.firstAttempt(waitMs);
    return this.isHealthy();
  }

  /** The `storeClient` of RateLimiterRedis, with `useRedisPackage` and `rejectIfRedisNotReady` set. */
  get limiterClient(): ReturnType<typeof limiterClient> {
    return limiterClient(this.connection);
  }

  get(key: string): Promise<string | null> {
    return this.connection.run('GET', (client) => client.get(key));
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.connection.run('SET', (client) => client.set(key, value, { expiration: { type: 'PX', value: ttlMs } }));
  }

  async delete(key: string): Promise<void> {
    await this.connection.run('DEL', (client) => client.del(key));
  }

  isHealthy(): boolean {
    return this.connection.isReady;
  }

  onReconnect(listener: () => void): () => void {
    return this.connection.onReady(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
