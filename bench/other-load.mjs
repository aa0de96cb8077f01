import os from 'node:os';
import { machineCpuMs, processAndBelow, totalCpuMs } from './process-figures.mjs';

/** A run of which others used more than this share of the cores is not recorded. */
export const MOST_OF_OTHERS = 0.1;

/** What share of the machine's cores other programs used while the benchmark ran. */
export class OtherLoad {
  #startedAt = performance.now();
  #services;
  #machineMs = machineCpuMs();
  #ownMs;

  /** @param services processes of the database and the store, whose work is the benchmark's too */
  constructor(services) {
    this.#services = services;
    this.#ownMs = this.#own();
  }

  /** Undefined where the CPU time of the machine cannot be read. */
  share() {
    if (this.#machineMs === undefined) return undefined;
    const others = machineCpuMs() - this.#machineMs - (this.#own() - this.#ownMs);
    return Math.max(0, others / ((performance.now() - this.#startedAt) * os.availableParallelism()));
  }

  #own() {
    return totalCpuMs([process.pid, ...this.#services].flatMap(processAndBelow));
  }
}
