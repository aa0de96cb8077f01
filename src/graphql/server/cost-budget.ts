import type { Clock } from '../../config/clock';
import type { Rate } from '../../config/config';
import { network } from '../../security/rate-limits/rate-limit';
import type { Caller } from '../../services/caller';
import type { Operation } from './operation';

/** Ordinary operations take less and are free. */
const FREE_MS = 2;
/** Runs that are measured after one that has taken long; it may have been a pause of the process. */
const MEASURED_RUNS = 100;

/**
 * Limits the processor time that parsing, validating and executing operations may take for one
 * client network without a token. Each process counts for itself, because it protects itself.
 */
export class CostBudget {
  private spent = new Map<string, number>();
  private windowEnds = 0;

  /** @param limit milliseconds of processor time in a window of seconds */
  constructor(
    private readonly limit: Rate,
    private readonly clock: Clock,
  ) {}

  /** Seconds until the caller may go on; null when something is left. */
  exhaustedFor({ principal, address }: Caller): number | null {
    if (principal || this.spent.size === 0) return null;
    const now = this.clock.now().getTime();
    if (now >= this.windowEnds) this.spent.clear();
    const isExhausted = (this.spent.get(network(address)) ?? 0) >= this.limit.amount;
    return isExhausted ? Math.ceil((this.windowEnds - now) / 1000) : null;
  }

  /**
   * Starts an operation for a caller and charges the processor time until it waits. Asking for that
   * time costs more than most operations: it is asked for only after the operation has taken long.
   */
  charge<T>(caller: Caller, operation: Operation, work: () => T): T {
    if (caller.principal) return work();
    const startedAt = performance.now();
    const { runsToMeasure = 0 } = operation;
    try {
      return runsToMeasure > 0 ? this.measure(caller, work) : work();
    } finally {
      const tookLong = performance.now() - startedAt > FREE_MS;
      operation.runsToMeasure = tookLong ? MEASURED_RUNS : Math.max(0, runsToMeasure - 1);
    }
  }

  /** Runs synchronous work and charges its processor time. */
  measure<T>(caller: Caller, work: () => T): T {
    const stop = this.start(caller);
    try {
      return work();
    } finally {
      stop();
    }
  }

  /** Starts to measure for a caller. @returns a function that ends the measurement */
  start({ principal, address }: Caller): () => void {
    if (principal) return () => undefined;
    const before = process.threadCpuUsage();
    return () => {
      const { user, system } = process.threadCpuUsage(before);
      const ms = (user + system) / 1000;
      if (ms > FREE_MS) this.add(network(address), ms);
    };
  }

  private add(key: string, ms: number): void {
    if (this.spent.size === 0) this.windowEnds = this.clock.now().getTime() + this.limit.seconds * 1000;
    this.spent.set(key, (this.spent.get(key) ?? 0) + ms);
  }
}
