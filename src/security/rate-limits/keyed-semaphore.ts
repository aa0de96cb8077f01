interface Lane {
  taken: number;
  readonly waiting: (() => void)[];
}

/** Runs at most `width` calls under one key at a time, in this process; the others follow in their order. */
export class KeyedSemaphore {
  private readonly lanes = new Map<string, Lane>();

  constructor(private readonly width: number) {}

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = this.lanes.get(key) ?? { taken: 0, waiting: [] };
    this.lanes.set(key, lane);
    if (lane.taken < this.width) lane.taken++;
    else await new Promise<void>((resolve) => lane.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = lane.waiting.shift();
      if (next) next();
      else if (--lane.taken === 0) this.lanes.delete(key);
    }
  }
}
