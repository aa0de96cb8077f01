import { createHmac, randomBytes } from 'node:crypto';

export interface CostCount {
  cost: number;
  /** How many of the stored hashes that were looked at have it. */
  count: number;
}

/**
 * The costs of the stored hashes. A login with an unknown name computes a hash of one of them, drawn
 * by a keyed hash of the name in proportion to their use: response times neither tell a known name
 * from an unknown one nor which accounts have another cost.
 */
export class HashCosts {
  private counts: readonly CostCount[];

  /** @param key the same in every process, so that all draw the same cost for a name */
  constructor(
    configured: number,
    private readonly key: Uint8Array = randomBytes(32),
  ) {
    this.counts = [{ cost: configured, count: 1 }];
  }

  /** Replaces what is known by a new count; an empty one changes nothing. */
  replace(counts: readonly CostCount[]): void {
    if (counts.length > 0) this.counts = [...counts].sort((a, b) => a.cost - b.cost);
  }

  /** Takes note of a cost that the last count has missed. */
  observe(cost: number): void {
    if (!this.counts.some((known) => known.cost === cost)) this.replace([...this.counts, { cost, count: 1 }]);
  }

  drawFor(name: string): number {
    const total = this.counts.reduce((sum, { count }) => sum + count, 0);
    const digest = createHmac('sha256', this.key).update(name).digest();
    let rest = (digest.readUInt32BE() / 2 ** 32) * total;
    for (const { cost, count } of this.counts) {
      if (rest < count) return cost;
      rest -= count;
    }
    return this.counts.at(-1)!.cost;
  }
}
