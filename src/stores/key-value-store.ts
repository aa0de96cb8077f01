/**
 * Where short-lived values and counters live: in this process's memory, or in Redis when several
 * processes share them.
 *
 * The store may forget (eviction, a flush, a restart), so nothing is kept here alone that may not
 * be lost. Keys are used exactly as given, without a prefix, because clients of the session
 * contract read `session:{user_id}` themselves. Times to live are in milliseconds and at least 1.
 * Every operation on one key is atomic against all others, over all processes that share the store.
 *
 * Every operation may reject with {@link StoreUnavailableError}, at most 500 ms after the call;
 * whether it took effect is then unknown.
 */
export interface KeyValueStore {
  readonly kind: 'memory' | 'redis';

  /** The value, or null when there is none or its time is over. */
  get(key: string): Promise<string | null>;

  /** Replaces value and time to live together: nobody sees the new value with the old time. */
  set(key: string, value: string, ttlMs: number): Promise<void>;

  /**
   * Reads and deletes in one step: of any number of simultaneous takers exactly one gets the value,
   * the others null.
   */
  take(key: string): Promise<string | null>;

  /**
   * Deletes; says whether there was something to delete (true for exactly one of several
   * simultaneous callers).
   */
  delete(key: string): Promise<boolean>;

  /**
   * Adds one and returns the sum. Creates the counter at 1, and only that first increment starts
   * the time to live, so a counter under constant use still ends. Simultaneous callers all get
   * different numbers.
   */
  increment(key: string, ttlMs: number): Promise<number>;

  /**
   * Sets only where there is nothing yet: true for exactly one of any number of simultaneous
   * callers until the time is over.
   */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>;

  /** Asks the store itself; never rejects. */
  ping(): Promise<boolean>;

  /** What is known without asking: false while the store is away. */
  healthy(): boolean;

  /**
   * Calls the listener each time the store is reached again after it was away, also when it was
   * away at the start: whatever was written meanwhile is missing. Returns the function that ends
   * the listening.
   */
  onReconnect(listener: () => void): () => void;

  /** Lets go of connections and timers; operations reject afterwards. */
  close(): Promise<void>;
}

/**
 * The store did not answer in time, or refused. The reason is the `cause`, for the log and not for
 * clients.
 */
export class StoreUnavailableError extends Error {
  constructor(cause?: unknown) {
    super('the key-value store is not available', { cause });
    this.name = 'StoreUnavailableError';
  }
}
