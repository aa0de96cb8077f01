import { serviceUnavailable } from '../../errors/app-error';

interface Lane {
  taken: number;
  readonly waiting: (() => void)[];
}

/** Over all keys of a semaphore. */
const MAX_WAITING = 10_000;

/** Runs at most `width` calls under one key at a time, in this process; the others follow in their order. */
export class KeyedSemaphore {
  private readonly lanes = new Map<string, Lane>();
  private waiting = 0;

  constructor(
    private readonly width: number,
    private readonly maxWaiting: number = MAX_WAITING,
  ) {}

  /** The keys with a call that runs or waits. */
  get size(): number {
    return this.lanes.size;
  }

  /** @throws AppError SERVICE_UNAVAILABLE when too many calls wait */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = this.lanes.get(key) ?? { taken: 0, waiting: [] };
    this.lanes.set(key, lane);
    if (lane.taken < this.width) lane.taken++;
    else await this.wait(lane);
    try {
      return await work();
    } finally {
      const next = lane.waiting.shift();
      if (next) next();
      else if (--lane.taken === 0) this.lanes.delete(key);
    }
  }

  private async wait(lane: Lane): Promise<void> {
    if (this.waiting >= this.maxWaiting) throw serviceUnavailable(new Error('too many logins wait for each other'));
    this.waiting++;
    await new Promise<void>((resolve) => lane.waiting.push(resolve));
    this.waiting--;
  }
}
