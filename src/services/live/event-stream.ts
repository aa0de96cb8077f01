/** More than any client that reads falls behind; a stream that is not read ends instead of growing. */
const MAX_PENDING = 100;

/** Events that a service pushes and one client reads. */
export class EventStream<T> implements AsyncIterableIterator<T> {
  private readonly pending: T[] = [];
  private waiting: ((result: IteratorResult<T>) => void) | undefined;
  private isEnded = false;

  /** @param onEnd called once, at the end of the stream */
  constructor(private readonly onEnd: () => void) {}

  push(event: T): void {
    if (this.isEnded) return;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) waiting({ value: event, done: false });
    else if (this.pending.push(event) > MAX_PENDING) this.end();
  }

  /** Ends the stream after what is pending. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.waiting?.({ value: undefined, done: true });
    this.waiting = undefined;
    this.onEnd();
  }

  next(): Promise<IteratorResult<T>> {
    const event = this.pending.shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.isEnded) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  async return(): Promise<IteratorResult<T>> {
    this.pending.length = 0;
    this.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
