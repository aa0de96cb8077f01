import { LRUCache } from 'lru-cache';
import type { Clock } from '../config/clock';
import { type KeyValueStore, StoreUnavailableError } from './key-value-store';

interface Entry {
  value: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/**
 * Bounds the memory that an attacker can fill with counters; the least recently used keys go first.
 */
const DEFAULT_MAX_KEYS = 100_000;

/**
 * The store of a single process. Atomic because each operation runs to its end before any other
 * JavaScript does: no `await` may ever stand between a read and the write that depends on it.
 */
export class MemoryStore implements KeyValueStore {
  readonly kind = 'memory';
  private readonly entries: LRUCache<string, Entry>;
  private closed = false;

  constructor(private readonly options: { clock: Clock; maxKeys?: number }) {
    this.entries = new LRUCache({ max: options.maxKeys ?? DEFAULT_MAX_KEYS });
  }

  async get(key: string): Promise<string | null> {
    return this.live(key)?.value ?? null;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.write(key, value, ttlMs);
  }

  async take(key: string): Promise<string | null> {
    const entry = this.live(key);
    this.entries.delete(key);
    return entry?.value ?? null;
  }

  async delete(key: string): Promise<boolean> {
    const existed = this.live(key) !== undefined;
    this.entries.delete(key);
    return existed;
  }

  async increment(key: string, ttlMs: number): Promise<number> {
    const entry = this.live(key);
    if (!entry) {
      this.write(key, '1', ttlMs);
      return 1;
    }
    const sum = Number(entry.value) + 1;
    if (!Number.isSafeInteger(sum)) throw new StoreUnavailableError(new TypeError('the value is not an integer'));
    this.entries.set(key, { value: String(sum), expiresAt: entry.expiresAt });
    return sum;
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    if (this.live(key)) return false;
    this.write(key, value, ttlMs);
    return true;
  }

  async ping(): Promise<boolean> {
    return this.healthy();
  }

  healthy(): boolean {
    return !this.closed;
  }

  /** Memory is never away, so the listener is never called. */
  onReconnect(_listener: () => void): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    this.closed = true;
    this.entries.clear();
  }

  private live(key: string): Entry | undefined {
    if (this.closed) throw new StoreUnavailableError(new Error('closed'));
    const entry = this.entries.get(key);
    if (!entry || entry.expiresAt > this.now()) return entry;
    this.entries.delete(key);
    return undefined;
  }

  private write(key: string, value: string, ttlMs: number): void {
    if (this.closed) throw new StoreUnavailableError(new Error('closed'));
    this.entries.set(key, { value, expiresAt: this.now() + ttlMs });
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }
}
