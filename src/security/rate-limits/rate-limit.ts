import { createHash } from 'node:crypto';
import {
  type IRateLimiterOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Rate } from '../../config/config';
import { AppError } from '../../errors/app-error';
import type { KeyValueStore } from '../../stores/key-value-store';
import { RedisStore } from '../../stores/redis.store';

/**
 * A counter of points per key and window. In Redis where there is one; while it is away a limiter
 * in this process holds the line. Taking a point and judging it is one step, so that simultaneous
 * requests cannot slip through.
 */
export class RateLimit {
  private readonly limiter: RateLimiterAbstract;

  constructor(store: KeyValueStore, name: string, rate: Rate) {
    const options: IRateLimiterOptions = { keyPrefix: name, points: rate.amount, duration: rate.seconds };
    this.limiter =
      store instanceof RedisStore
        ? new RateLimiterRedis({
            ...options,
            storeClient: store.limiterClient,
            useRedisPackage: true,
            rejectIfRedisNotReady: true,
            insuranceLimiter: new RateLimiterMemory(options),
          })
        : new RateLimiterMemory(options);
  }

  /** Takes a point. @throws AppError RATE_LIMITED with `retryAfter` in seconds */
  async consume(key: string): Promise<void> {
    try {
      await this.limiter.consume(digest(key));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new AppError('RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) });
    }
  }

  /** Gives a point back. */
  async giveBack(key: string): Promise<void> {
    await this.limiter.reward(digest(key));
  }

  /** Forgets the key. */
  async clear(key: string): Promise<void> {
    await this.limiter.delete(digest(key));
  }
}

/** Keys come from clients: in the store they have one length and no content. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * The address as limits count it: one subscriber of IPv6 has a /64 of addresses, and they count as
 * one.
 */
export function network(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  if (tail !== undefined) {
    const rest = tail.split(':').filter(Boolean);
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return groups.slice(0, 4).join(':');
}
