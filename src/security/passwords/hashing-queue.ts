import { hashWait } from '../../observability/metrics/metrics';

/** Every thread is busy and the queue is full: try again later. */
export class HasherBusyError extends Error {
  constructor() {
    super('too many passwords are waiting to be hashed');
    this.name = 'HasherBusyError';
  }
}

/** Milliseconds after which a task that yields is refused: its client has waited long enough. */
const LONGEST_WAIT = 10_000;

/** A bounded line, first in, first out. */
class Line {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly length: number) {}

  /** Resolves when it is this caller's turn. @throws HasherBusyError at once when the line is full */
  join(longestWait: number | null): Promise<void> {
    if (this.waiting.size >= this.length) return Promise.reject(new HasherBusyError());
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timeout);
        resolve();
      };
      const giveUp = () => {
        this.waiting.delete(start);
        reject(new HasherBusyError());
      };
      const timeout = longestWait === null ? undefined : setTimeout(giveUp, longestWait);
      this.waiting.add(start);
    });
  }

  get size(): number {
    return this.waiting.size;
  }

  /** Starts the task that came first; false when none waits. */
  startNext(): boolean {
    const [first] = this.waiting;
    if (!first) return false;
    this.waiting.delete(first);
    first();
    return true;
  }
}

/**
 * Admits tasks to the hashing threads: clients that the account knows first, then other logins, then
 * what yields to them, each strictly in the order of arrival. All lines are bounded.
 */
export class HashingQueue {
  private readonly first: Line;
  private readonly logins: Line;
  private readonly yielding: Line;
  private running = 0;

  constructor(private readonly size: { threads: number; waiting: number }) {
    this.first = new Line(size.waiting);
    this.logins = new Line(size.waiting);
    this.yielding = new Line(Math.ceil(size.waiting / 2));
  }

  /** Tasks that threads run, and those that wait in each line. */
  get state(): { running: number; waiting: { first: number; logins: number; yielding: number } } {
    const { running, first, logins, yielding } = this;
    return { running, waiting: { first: first.size, logins: logins.size, yielding: yielding.size } };
  }

  /** For clients that strangers must not hold up. @throws HasherBusyError when too many wait */
  runFirst<T>(task: () => Promise<T>): Promise<T> {
    return this.admit(task, () => this.first.join(null));
  }

  /** @throws HasherBusyError when too many wait */
  run<T>(task: () => Promise<T>): Promise<T> {
    return this.admit(task, () => this.logins.join(null));
  }

  /** For work that a client may ask for as often as it likes. @throws HasherBusyError when too many wait */
  runYielding<T>(task: () => Promise<T>): Promise<T> {
    return this.admit(task, () => this.yielding.join(LONGEST_WAIT));
  }

  private async admit<T>(task: () => Promise<T>, wait: () => Promise<void>): Promise<T> {
    const arrivedAt = performance.now();
    // a task that has finished hands its place on, so that nothing overtakes those that wait
    if (this.running >= this.size.threads) await wait();
    else this.running++;
    hashWait.observe((performance.now() - arrivedAt) / 1000);
    try {
      return await task();
    } finally {
      const lines = [this.first, this.logins, this.yielding];
      if (!lines.some((line) => line.startNext())) this.running--;
    }
  }
}
