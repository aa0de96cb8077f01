import { createHash } from 'node:crypto';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rate } from '../../config/config';
import { AppError } from '../../errors/app-error';
import { limitRefusals } from '../../observability/metrics/metrics';
import type { KeyValueStore } from '../../stores/key-value-store';
import { RedisStore } from '../../stores/redis.store';
import { MemoryWindows } from './memory-windows';

/**
 * Adds ARGV[1] points, which may be negative, in a window of ARGV[2] seconds. Points that are given back to a counter
 * that does not have them, because a failover has lost them, change nothing.
 */
const COUNT = `
local points = tonumber(redis.call('get', KEYS[1]) or '0')
if points + tonumber(ARGV[1]) < 0 then return {0, 0} end
redis.call('set', KEYS[1], 0, 'EX', ARGV[2], 'NX')
return {redis.call('incrby', KEYS[1], ARGV[1]), redis.call('pttl', KEYS[1])}`;

/**
 * A counter of points per key and window. It is in Redis where there is one; while Redis is away
 * this process counts on its own. Taking a point and comparing it with the limit is one step, so
 * that simultaneous requests cannot exceed it.
 */
export class RateLimit {
  private readonly shared: RateLimiterRedis | null;
  private readonly local: MemoryWindows;

  constructor(
    store: KeyValueStore,
    private readonly name: string,
    rate: Rate,
  ) {
    this.local = new MemoryWindows(rate);
    this.shared =
      store instanceof RedisStore
        ? new RateLimiterRedis({
            keyPrefix: name,
            points: rate.amount,
            duration: rate.seconds,
            storeClient: store.limiterClient,
            useRedisPackage: true,
            rejectIfRedisNotReady: true,
            customIncrTtlLuaScript: COUNT,
          })
        : null;
  }

  /** Takes a point. @throws AppError RATE_LIMITED with `retryAfter` in seconds */
  async consume(key: string): Promise<void> {
    const wait = await this.take(digest(key));
    if (wait === null) return;
    limitRefusals.inc({ limit: this.name });
    throw new AppError('RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(wait / 1000)) });
  }

  /** @returns the milliseconds to wait when there was no point */
  private async take(key: string): Promise<number | null> {
    if (!this.shared) return this.local.consume(key);
    try {
      await this.shared.consume(key);
      return null;
    } catch (refusal) {
      return refusal instanceof RateLimiterRes ? refusal.msBeforeNext : this.local.consume(key);
    }
  }

  /** Gives a point back; while Redis is away its window ends by itself. */
  async giveBack(key: string): Promise<void> {
    this.local.giveBack(digest(key));
    await this.shared?.reward(digest(key)).catch(() => undefined);
  }

  /** Sets the counter of the key to zero; while Redis is away its window ends by itself. */
  async clear(key: string): Promise<void> {
    this.local.clear(digest(key));
    await this.shared?.delete(digest(key)).catch(() => undefined);
  }
}

/** Keys come from clients: in the store they have one length and no content. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The client as limits count it: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has. */
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
