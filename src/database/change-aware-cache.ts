import { LRUCache } from 'lru-cache';
import { type CacheCounts, type CacheName, cacheCounts } from '../observability/metrics/cache-counts';
import type { ChangeFeed } from './change-feed';

/** A load that is under way, with the accounts that the change feed has named since it began. */
interface Flight<Value> {
  readonly answer: Promise<Value>;
  readonly named: Set<string>;
}

/** What the change feed names when it means every account. */
const ALL = '*';

/**
 * Values of accounts as the database has them, in memory.
 *
 * Invariant: a value that is given from memory held in the database at most as long ago as the
 * change feed is trusted for.
 * - Memory is used only while the feed is trusted; else every call loads.
 * - A value leaves when the feed names its account, or all accounts.
 * - A load during which its account, or all, was named is answered and not kept: it may have read
 *   what was before the change.
 * - A load that fails, which is how a refusal arrives, is never kept.
 *
 * Simultaneous calls for one key share a load under the same conditions.
 */
export class ChangeAwareCache<Value extends object> {
  private readonly values: LRUCache<string, Value>;
  private readonly keysByAccount = new Map<string, Set<string>>();
  /** The accounts named during each load that is under way. */
  private readonly loads = new Set<Set<string>>();
  /** The load that calls for a key may share. */
  private readonly flights = new Map<string, Flight<Value>>();
  private readonly accountOf: (value: Value) => string;
  private readonly counts: CacheCounts;

  /**
   * @param options.name under which its look-ups are counted
   * @param options.max how many values are kept; the least recently used goes first
   * @param options.account whose change a value depends on; `*` for a value that only a change of
   *   everything concerns
   */
  constructor(
    private readonly feed: Pick<ChangeFeed, 'trusted' | 'onChange'>,
    options: { name: CacheName; max: number; account: (value: Value) => string },
  ) {
    this.accountOf = options.account;
    this.counts = cacheCounts(options.name);
    this.values = new LRUCache({
      maxSize: options.max, // with `max`, lru-cache takes the memory of all values before the first comes
      sizeCalculation: () => 1,
      dispose: (value, key) => this.unindex(value, key),
    });
    feed.onChange((account) => this.evict(account));
  }

  /** The value in memory, while memory may be used. */
  get(key: string): Value | undefined {
    const value = this.feed.trusted ? this.values.get(key) : undefined;
    if (value) this.counts.hits++;
    return value;
  }

  /** The value in memory, or what `load` answers. @throws what `load` throws */
  async fetch(key: string, load: () => Promise<Value>): Promise<Value> {
    const known = this.get(key);
    if (known) return known;
    this.counts.misses++;
    const flight = this.flights.get(key);
    if (flight && flight.named.size === 0 && this.feed.trusted) return flight.answer;
    return this.load(key, load);
  }

  /** Drops what depends on an account, or everything (`*`): before the feed names it, or when it does. */
  evict(account: string): void {
    for (const named of this.loads) named.add(account);
    if (account === ALL) {
      this.values.clear();
      return;
    }
    for (const key of this.keysByAccount.get(account) ?? []) this.values.delete(key);
  }

  /** Drops one value, whose time is over. */
  delete(key: string): void {
    this.values.delete(key);
  }

  private load(key: string, load: () => Promise<Value>): Promise<Value> {
    const named = new Set<string>();
    this.loads.add(named);
    const answer = load()
      .then((value) => {
        const account = this.accountOf(value);
        if (this.feed.trusted && !named.has(account) && !named.has(ALL)) this.keep(key, value, account);
        return value;
      })
      .finally(() => {
        this.loads.delete(named);
        if (this.flights.get(key)?.named === named) this.flights.delete(key);
      });
    this.flights.set(key, { answer, named });
    return answer;
  }

  private keep(key: string, value: Value, account: string): void {
    this.values.set(key, value);
    const keys = this.keysByAccount.get(account) ?? new Set();
    this.keysByAccount.set(account, keys.add(key));
  }

  private unindex(value: Value, key: string): void {
    const account = this.accountOf(value);
    const keys = this.keysByAccount.get(account);
    keys?.delete(key);
    if (keys?.size === 0) this.keysByAccount.delete(account);
  }
}
