/**
 * Short-lived copies of values: in this process's memory, or in Redis when several processes share them.
 *
 * The store may lose everything (eviction, a flush, a restart), so it holds nothing that is not in the database. Keys
 * are used as given, without a prefix, because clients of the session contract read `session:{user_id}` themselves.
 *
 * Every operation may reject with {@link StoreUnavailableError}, at most 500 ms after the call; whether it took effect
 * is then unknown.
 */
export interface KeyValueStore {
  /** The value, or null when there is none or it has expired. */
  get(key: string): Promise<string | null>;

  /** Replaces value and time to live (milliseconds, at least 1) in one step. */
  set(key: string, value: string, ttlMs: number): Promise<void>;

  delete(key: string): Promise<void>;

  /** Whether the store was reachable when it was last used; asks nothing. */
  isHealthy(): boolean;

  /**
   * Calls the listener each time the store is reached again after it was away, also when it was away at the start:
   * whatever was written meanwhile is missing. Returns the function that removes the listener.
   */
  onReconnect(listener: () => void): () => void;

  /** Closes connections and timers; operations reject afterwards. */
  close(): Promise<void>;
}

/** The store did not answer in time, or rejected the operation. The `cause` is for the log, not for clients. */
export class StoreUnavailableError extends Error {
  constructor(cause?: unknown) {
    super('the key-value store is not available', { cause });
    this.name = 'StoreUnavailableError';
  }
}
