import type { Metric, Registry } from 'prom-client';

// prom-client looks a series up by its labels at every increment, four times in a token check, which
// may not cost that much. These keep plain numbers, one object for each series, until a scrape asks.

type Labels<L extends string> = Readonly<Record<L, string>>;

interface Description<L extends string> {
  name: string;
  help: string;
  labelNames: readonly L[];
}

interface Sample {
  metricName?: string;
  labels: Readonly<Record<string, string | number>>;
  value: number;
}

/** What the registry of prom-client asks of a metric. */
abstract class FastMetric<L extends string> {
  abstract readonly type: 'counter' | 'histogram';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];

  constructor({ name, help, labelNames }: Description<L>, registry: Registry) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    registry.registerMetric(this as unknown as Metric);
  }

  async get() {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.samples() };
  }

  protected abstract samples(): Sample[];
}

/** One series of a {@link FastCounter}. */
export interface Tally {
  count: number;
}

/** A counter whose series are objects with a number. */
export class FastCounter<L extends string> extends FastMetric<L> {
  readonly type = 'counter';
  private readonly tallies: { labels: Labels<L>; tally: Tally }[] = [];

  /** A series that begins at zero; keep it, and call this once for each. */
  tally(labels: Labels<L>): Tally {
    const tally: Tally = { count: 0 };
    this.tallies.push({ labels, tally });
    return tally;
  }

  protected samples(): Sample[] {
    return this.tallies.map(({ labels, tally }) => ({ labels, value: tally.count }));
  }
}

/** One series of a {@link FastHistogram}. */
export class Timing {
  /** Of each bucket alone, the last one without a bound. */
  readonly counts: number[];
  sum = 0;
  private readonly bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array<number>(bounds.length + 1).fill(0);
  }

  /** @param seconds how long something took */
  record(seconds: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += seconds;
  }
}

/** A histogram whose series are {@link Timing}s. */
export class FastHistogram<L extends string> extends FastMetric<L> {
  readonly type = 'histogram';
  private readonly timings: { labels: Labels<L>; timing: Timing }[] = [];

  constructor(
    description: Description<L>,
    private readonly bounds: readonly number[],
    registry: Registry,
  ) {
    super(description, registry);
  }

  /** A series without observations; keep it, and call this once for each. */
  timing(labels: Labels<L>): Timing {
    const timing = new Timing(this.bounds);
    this.timings.push({ labels, timing });
    return timing;
  }

  protected samples(): Sample[] {
    return this.timings.flatMap(({ labels, timing }) => {
      let count = 0;
      const buckets = [...this.bounds, '+Inf'].map((le, i) => {
        count += timing.counts[i]!;
        return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: count };
      });
      return [
        ...buckets,
        { metricName: `${this.name}_sum`, labels, value: timing.sum },
        { metricName: `${this.name}_count`, labels, value: count },
      ];
    });
  }
}
