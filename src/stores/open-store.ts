import type { Logger } from 'pino';
import type { Clock } from '../config/clock';
import type { KeyValueStore } from './key-value-store';
import { MemoryStore } from './memory.store';
import { RedisStore } from './redis.store';

/** How long a start waits for Redis, in milliseconds; a reachable one answers far sooner. */
const WAIT_AT_START_MS = 500;

/** Redis where a URL is given, else this process's memory. A Redis that is away does not stop the start. */
export async function openStore(options: { redisUrl?: string; clock: Clock; logger: Logger }): Promise<KeyValueStore> {
  const { redisUrl, clock, logger } = options;
  if (!redisUrl) return new MemoryStore({ clock });
  const store = new RedisStore({ url: redisUrl, logger });
  await store.waitForFirstAttempt(WAIT_AT_START_MS);
  return store;
}
