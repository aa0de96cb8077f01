import { LRUCache } from 'lru-cache';
import type { Rate } from '../../config/config';

interface Window {
  points: number;
  /** By the clock of `performance.now()`. */
  endsAt: number;
}

const MAX_KEYS = 100_000;

/**
 * Counters of points per key and window in this process. At most `MAX_KEYS` are kept, the least
 * recently used go first; one that is at zero again is deleted.
 */
export class MemoryWindows {
  private readonly windows: LRUCache<string, Window>;

  constructor(
    private readonly rate: Rate,
    maxKeys: number = MAX_KEYS,
  ) {
    // by size: with `max`, lru-cache takes the memory of all keys before the first comes
    this.windows = new LRUCache({ maxSize: maxKeys, sizeCalculation: () => 1 });
  }

  get size(): number {
    return this.windows.size;
  }

  /** Takes a point. @returns the milliseconds to wait when there was none */
  consume(key: string): number | null {
    const now = performance.now();
    const window = this.windows.get(key);
    if (!window || window.endsAt <= now) {
      this.windows.set(key, { points: 1, endsAt: now + this.rate.seconds * 1000 });
      return null;
    }
    if (window.points >= this.rate.amount) return window.endsAt - now;
    window.points++;
    return null;
  }

  giveBack(key: string): void {
    const window = this.windows.get(key);
    if (window && --window.points <= 0) this.windows.delete(key);
  }

  clear(key: string): void {
    this.windows.delete(key);
  }
}
