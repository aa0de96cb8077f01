import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { HashingTask, LoadedMessage } from './password-hasher.worker';
import { decoyHash, hasLoneSurrogate, parseHash, prepare, type StoredPassword } from './password-scheme';

export type { PasswordScheme, StoredPassword } from './password-scheme';

/** Every thread is busy and the queue is full: try again later. */
export class HasherBusyError extends Error {
  constructor() {
    super('too many passwords are being checked');
    this.name = 'HasherBusyError';
  }
}

/** A foreign hash may not make one login burn more than about a second, whatever its cost says. */
const MAX_FOREIGN_COST = 14;
const QUEUE_PER_THREAD = 64;
const IDLE_MS = 30_000;
/**
 * Longer than a thread takes to start on a busy machine; one that fails at it is no reason never to
 * close.
 */
const LOADING_MS = 5000;

/**
 * Hashes and verifies passwords with bcrypt in worker threads of low priority, so that nothing else
 * has to wait for them.
 */
export class PasswordHasher {
  private readonly pool: Piscina<HashingTask, string | boolean>;
  private readonly cost: number;
  private readonly decoy: StoredPassword;
  private readonly capacity: number;
  /** Ids of the threads that have loaded bcrypt. */
  private readonly ready = new Set<number>();
  private inFlight = 0;
  private started = 0;

  /**
   * @param options.cost bcrypt's: the binary logarithm of the rounds, 4 to 31
   * @param options.threads as many as the processor runs at once, unless given
   * @param options.maxQueue how many passwords may wait for a thread, 64 for each unless given
   * @param options.nice what the threads' priority is lowered by, 0 to 19; 0 unless given
   */
  constructor(options: { cost: number; threads?: number; maxQueue?: number; nice?: number }) {
    const threads = options.threads ?? availableParallelism();
    if (!Number.isInteger(options.cost) || options.cost < 4 || options.cost > 31)
      throw new RangeError("bcrypt's cost is 4 to 31");
    this.cost = options.cost;
    this.decoy = { hash: decoyHash(options.cost), scheme: 'bcrypt' };
    this.capacity = threads + (options.maxQueue ?? threads * QUEUE_PER_THREAD);
    this.pool = new Piscina({
      filename: workerFile(),
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      niceIncrement: options.nice ?? 0,
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 }, // bcrypt's work is not on V8's heap
    });
    this.pool.on('message', ({ loaded }: LoadedMessage) => this.ready.add(loaded));
    this.pool.on('workerDestroy', ({ id }: { id: number }) => this.ready.delete(id));
    // the failure of a task rejects its own promise; an 'error' event without a listener would end
    // the process
    this.pool.on('error', () => {});
  }

  /** How many computations were started, one for each hash and each verification: for metrics. */
  get computations(): number {
    return this.started;
  }

  /**
   * Hashes a new password under the scheme that it needs; all of it matters, whatever its length.
   * @param options.yielding leaves half of the queue to others: for what anybody may ask for as
   *   often as he likes Throws TypeError for a lone surrogate (nothing is hashed) and
   *   HasherBusyError when the queue is full.
   */
  async hash(password: string, { yielding = false }: { yielding?: boolean } = {}): Promise<StoredPassword> {
    if (yielding && this.inFlight >= this.capacity / 2) throw new HasherBusyError();
    if (hasLoneSurrogate(password)) throw new TypeError('a password must be well-formed Unicode');
    const { text, scheme } = prepare(password);
    return { hash: (await this.run({ kind: 'hash', text, cost: this.cost })) as string, scheme };
  }

  /**
   * Whether the password is the stored one. Costs exactly one bcrypt computation whatever the
   * answer: with null (nobody has that name) and with a hash that can't be used, it is done on a
   * decoy of the configured cost. Throws HasherBusyError when the queue is full.
   */
  async verify(password: string, stored: StoredPassword | null): Promise<boolean> {
    const parsed = stored && parseHash(stored.hash);
    const isUsable =
      parsed !== null && parsed.cost <= Math.max(MAX_FOREIGN_COST, this.cost) && !hasLoneSurrogate(password);
    const { hash, scheme } = isUsable ? { hash: parsed.canonical, scheme: stored!.scheme } : this.decoy;
    const prepared = scheme === 'imported' ? { text: password, scheme } : prepare(password);
    const isMatch = (await this.run({ kind: 'compare', text: prepared.text, hash })) as boolean;
    // a short password that happens to be the HMAC of a long one is another password
    return isMatch && isUsable && prepared.scheme === scheme;
  }

  /**
   * Whether a password that was just verified should be hashed again: the cost was changed, or the
   * hash is another service's.
   */
  needsRehash(stored: StoredPassword): boolean {
    return stored.scheme === 'imported' || parseHash(stored.hash)?.cost !== this.cost;
  }

  /** Waits for what is in flight, then ends the threads. */
  async close(): Promise<void> {
    await this.loaded();
    await this.pool.close();
  }

  /**
   * Resolves when no thread is at loading: bcrypt's native code takes the whole process with it
   * when it is interrupted there.
   */
  private async loaded(): Promise<void> {
    const until = performance.now() + LOADING_MS;
    while (this.pool.threads.some(({ threadId }) => !this.ready.has(threadId)) && performance.now() < until)
      await sleep(5);
  }

  private async run(task: HashingTask): Promise<string | boolean> {
    if (this.inFlight >= this.capacity) throw new HasherBusyError();
    this.inFlight++;
    this.started++;
    try {
      return await this.pool.run(task);
    } finally {
      this.inFlight--;
    }
  }
}

/**
 * A worker has to be JavaScript: where this file runs from source (under the tests) it is taken
 * from the build.
 */
function workerFile(): string {
  const name = 'password-hasher.worker.js';
  const beside = path.join(__dirname, name);
  return fs.existsSync(beside) ? beside : path.resolve(__dirname, '../../../dist/src/security/passwords', name);
}
