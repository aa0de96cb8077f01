import { LRUCache } from 'lru-cache';
import type { Clock } from '../config/clock';
import { type KeyValueStore, StoreUnavailableError } from './key-value-store';

interface StoredValue {
  value: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Bounds the memory that clients can fill; the least recently used keys are evicted first. */
const DEFAULT_MAX_KEYS = 100_000;

/** The store of a single process. */
export class MemoryStore implements KeyValueStore {
  private readonly values: LRUCache<string, StoredValue>;
  private isClosed = false;

  constructor(private readonly options: { clock: Clock; maxKeys?: number }) {
    // by size: with `max`, lru-cache takes the memory of all keys before the first comes
    this.values = new LRUCache({ maxSize: options.maxKeys ?? DEFAULT_MAX_KEYS, sizeCalculation: () => 1 });
  }

  async get(key: string): Promise<string | null> {
    this.assertOpen();
    const stored = this.values.get(key);
    if (!stored) return null;
    if (stored.expiresAt > this.now()) return stored.value;
    this.values.delete(key);
    return null;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.assertOpen();
    this.values.set(key, { value, expiresAt: this.now() + ttlMs });
  }

  async delete(key: string): Promise<void> {
    this.assertOpen();
    this.values.delete(key);
  }

  isHealthy(): boolean {
    return !this.isClosed;
  }

  /** Memory is never away, so the listener is never called. */
  onReconnect(_listener: () => void): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.values.clear();
  }

  private assertOpen(): void {
    if (this.isClosed) throw new StoreUnavailableError(new Error('closed'));
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }
}
