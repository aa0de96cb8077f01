import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { hashDuration } from '../../observability/metrics/metrics';
import { ObservedWork } from '../../observability/observed-work';
import { characters, textLimits } from '../text-limits';
import { type CostCount, HashCosts } from './hash-costs';
import { HashingQueue } from './hashing-queue';
import type { HashingTask, LoadedMessage } from './password-hasher.worker';
import { decoyHash, hasLoneSurrogate, isCutByBcrypt, parseHash, prepare, type StoredPassword } from './password-scheme';

export { HasherBusyError } from './hashing-queue';
export type { StoredPassword } from './password-scheme';

const computation = new ObservedWork({
  duration: hashDuration,
  span: { kind: 'internal' },
  failureOf: () => 'failed',
});

/** Admits a comparison to the threads. */
type Run = (task: () => Promise<boolean>) => Promise<boolean>;

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
  private readonly pool: Piscina<HashingTask, string | boolean | number>;
  private readonly queue: HashingQueue;
  private readonly cost: number;
  private readonly costs: HashCosts;
  /** Ids of the threads that have loaded bcrypt. */
  private readonly ready = new Set<number>();
  private started = 0;

  /**
   * @param options.cost bcrypt's: the binary logarithm of the rounds, 4 to 31
   * @param options.threads as many as the processor runs at once, unless given
   * @param options.maxQueue how many passwords may wait for a thread, 64 for each unless given
   * @param options.nice what the threads' priority is lowered by, 0 to 19; 0 unless given
   * @param options.decoyKey draws the cost of a login with an unknown name, the same in every process
   */
  constructor(options: { cost: number; threads?: number; maxQueue?: number; nice?: number; decoyKey?: Uint8Array }) {
    const threads = options.threads ?? availableParallelism();
    if (!Number.isInteger(options.cost) || options.cost < 4 || options.cost > 31)
      throw new RangeError("bcrypt's cost is 4 to 31");
    this.cost = options.cost;
    this.costs = new HashCosts(options.cost, options.decoyKey);
    this.queue = new HashingQueue({ threads, waiting: options.maxQueue ?? threads * QUEUE_PER_THREAD });
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

  /** How many bcrypt computations were started, one for each hash and each verification: for metrics. */
  get computations(): number {
    return this.started;
  }

  /** How many passwords are hashed now, and how many wait. */
  get queueState(): HashingQueue['state'] {
    return this.queue.state;
  }

  /** What the stored hashes cost, as they were last counted. */
  setCostsInUse(counts: readonly CostCount[]): void {
    this.costs.replace(counts.filter(({ cost }) => cost <= this.highestCost));
  }

  /**
   * Hashes a new password under the scheme that it needs; all of it matters, whatever its length.
   * @throws TypeError for a lone surrogate, HasherBusyError when too many passwords wait
   */
  hash(password: string): Promise<StoredPassword> {
    return this.queue.run(() => this.compute(password));
  }

  /** As `hash`, for registrations: logins go first. @throws as `hash` */
  hashYielding(password: string): Promise<StoredPassword> {
    return this.queue.runYielding(() => this.compute(password));
  }

  /**
   * How many guesses an attacker needs who knows these words, as a decimal logarithm; logins go
   * first. @throws HasherBusyError when too many passwords wait
   */
  estimateGuesses(password: string, words: readonly string[]): Promise<number> {
    return this.queue.runYielding(() => this.pool.run({ kind: 'estimate', text: password, words }) as Promise<number>);
  }

  /**
   * Whether the password is the stored one. Costs exactly one bcrypt computation whatever the answer:
   * a hash that cannot be used and a password that is too long are compared with a decoy.
   * @throws HasherBusyError when too many passwords wait
   */
  verify(password: string, stored: StoredPassword): Promise<boolean> {
    return this.verifyIn(password, stored, (task) => this.queue.run(task));
  }

  /** As `verify`, before the logins of others: for a client that the account knows. @throws as `verify` */
  verifyFirst(password: string, stored: StoredPassword): Promise<boolean> {
    return this.verifyIn(password, stored, (task) => this.queue.runFirst(task));
  }

  private async verifyIn(password: string, stored: StoredPassword, run: Run): Promise<boolean> {
    const parsed = parseHash(stored.hash);
    if (!parsed || parsed.cost > this.highestCost) return this.compareWithDecoy(this.cost, run);
    this.costs.observe(parsed.cost);
    if (characters(password) > textLimits.password || hasLoneSurrogate(password))
      return this.compareWithDecoy(parsed.cost, run);
    const prepared = stored.scheme === 'imported' ? { text: password, scheme: stored.scheme } : prepare(password);
    const isMatch = await this.compare(prepared.text, parsed.canonical, run);
    // a short password that happens to be the HMAC of a long one is another password
    return isMatch && prepared.scheme === stored.scheme;
  }

  /** As `verify` where no account has the name: false, after as much work as an account would take. */
  verifyUnknown(name: string): Promise<false> {
    return this.compareWithDecoy(this.costs.drawFor(name), (task) => this.queue.run(task));
  }

  /**
   * Whether a password that was just verified should be hashed again: the hash is cheaper than
   * today's, or another service's that has seen the whole password.
   */
  needsRehash(password: string, stored: StoredPassword): boolean {
    const parsed = parseHash(stored.hash);
    if (!parsed) return false;
    return stored.scheme === 'imported' ? !isCutByBcrypt(password) : parsed.cost < this.cost;
  }

  /** Hashes a password that was just verified again, at no lower cost. @throws as `hash` */
  rehash(password: string, stored: StoredPassword): Promise<StoredPassword> {
    const cost = Math.max(this.cost, parseHash(stored.hash)?.cost ?? 0);
    return this.queue.runFirst(() => this.compute(password, cost));
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

  private get highestCost(): number {
    return Math.max(MAX_FOREIGN_COST, this.cost);
  }

  private async compute(password: string, cost = this.cost): Promise<StoredPassword> {
    if (hasLoneSurrogate(password)) throw new TypeError('a password must be well-formed Unicode');
    const { text, scheme } = prepare(password);
    this.started++;
    return { hash: (await this.runInThread({ kind: 'hash', text, cost })) as string, scheme };
  }

  private compare(text: string, hash: string, run: Run): Promise<boolean> {
    return run(() => {
      this.started++;
      return this.runInThread({ kind: 'compare', text, hash }) as Promise<boolean>;
    });
  }

  private runInThread(task: HashingTask): Promise<string | boolean | number> {
    return computation.run(`bcrypt ${task.kind}`, () => this.pool.run(task));
  }

  private async compareWithDecoy(cost: number, run: Run): Promise<false> {
    await this.compare('', decoyHash(cost), run);
    return false;
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
