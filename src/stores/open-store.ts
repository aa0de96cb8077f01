import type { Logger } from 'pino';
import type { Clock } from '../config/clock';
import type { KeyValueStore } from './key-value-store';
import { MemoryStore } from './memory.store';
import { RedisStore } from './redis.store';

/** A Redis that is there answers far sooner; one that is not must not hold up the start. */
const WAIT_AT_START_MS = 500;

/**
 * Redis where an URL is given, else this process's memory. Never rejects because Redis is away:
 * the store is then returned unhealthy and connects in the background.
 */
export async function openStore(options: { redisUrl?: string; clock: Clock; logger: Logger }): Promise<KeyValueStore> {
  if (!options.redisUrl) return new MemoryStore({ clock: options.clock });
  const store = new RedisStore({ url: options.redisUrl, logger: options.logger });
  await store.connected(WAIT_AT_START_MS);
  return store;
}
