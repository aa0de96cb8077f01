import { cacheRequests } from './metrics';

export type CacheName = 'tokens' | 'current-users' | 'roles' | 'documents';

/** Look-ups since the last scrape: plain numbers, because a token check counts one. */
export interface CacheCounts {
  hits: number;
  misses: number;
}

const counts = new Map<CacheName, CacheCounts>();

/** The counts of a cache, which its owner adds to. */
export function cacheCounts(name: CacheName): CacheCounts {
  const found = counts.get(name) ?? { hits: 0, misses: 0 };
  counts.set(name, found);
  return found;
}

/** Moves what was counted to the metric. */
export function collectCacheCounts(): void {
  for (const [cache, count] of counts) {
    cacheRequests.inc({ cache, result: 'hit' }, count.hits);
    cacheRequests.inc({ cache, result: 'miss' }, count.misses);
    count.hits = 0;
    count.misses = 0;
  }
}
