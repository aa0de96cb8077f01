import os from 'node:os';

/**
 * A bound that holds on a machine with nothing else to do; on one that has more to run than it has
 * processors, only the loose one can be asked for.
 */
export function unlessBusy(milliseconds: number, whenBusy: number): number {
  return os.loadavg()[0]! > os.availableParallelism() ? whenBusy : milliseconds;
}
