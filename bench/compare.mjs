import { progress } from './report/progress.mjs';

const WARM_UP_SECONDS = 0.7;

/** What slices of one target amount to. Times in milliseconds, CPU for each request. */
export class Tally {
  requests = 0;
  seconds = 0;
  wrong = 0;
  example = undefined;
  processMs = 0;
  databaseMs = 0;
  generatorMs = 0;
  p50s = [];
  p99s = [];
  max = 0;
  rates = [];
  rssMb = 0;

  add(result, cpu, rssMb) {
    this.requests += result.requests;
    this.seconds += result.seconds;
    this.rates.push(result.requests / result.seconds);
    this.wrong += result.wrong;
    this.example ??= result.example;
    this.processMs += cpu.processMs;
    this.databaseMs += cpu.databaseMs;
    this.generatorMs += result.cpuMs;
    this.p50s.push(result.latencies.p50);
    this.p99s.push(result.latencies.p99);
    this.max = Math.max(this.max, result.latencies.max);
    this.rssMb = Math.max(this.rssMb, rssMb);
  }

  figures() {
    const each = (total) => total / Math.max(1, this.requests);
    return {
      requests: this.requests,
      perSecond: this.requests / this.seconds,
      p50: median(this.p50s),
      p99: median(this.p99s),
      max: this.max,
      /** Of the target's own processes; the database's beside it. */
      cpuMs: each(this.processMs),
      databaseCpuMs: each(this.databaseMs),
      /**
       * How much of one core the target's processes used; near 1 the target is the limit, not the
       * generator.
       */
      busy: this.processMs / (this.seconds * 1000),
      generatorBusy: this.generatorMs / (this.seconds * 1000),
      rssMb: this.rssMb,
      wrong: this.wrong,
      ...(this.example && { example: this.example }),
    };
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One slice on one target, with the CPU time that it took there. */
async function slice(load, target, spec) {
  const before = await target.cpu();
  const result = await load.run({ ...spec, url: target.url });
  const after = await target.cpu();
  const cpu = {
    processMs: after.processMs - before.processMs,
    databaseMs: Math.max(0, after.databaseMs - before.databaseMs),
  };
  return { result, cpu };
}

/**
 * Slices of both targets in the order A B B A, so that what changes slowly around them meets both
 * alike. `specOf(which)` makes the spec of a slice anew, since chains of tokens are used up.
 * @param of.rounds how often A B B A is run
 * @param of.warmUp seconds before it, for each; a process that is young needs more
 * @returns the figures of `a` and `b`
 */
export async function compare(load, { label, a, b, specOf, rounds = 1, warmUp = WARM_UP_SECONDS }) {
  const targets = { a, b };
  const tallies = { a: new Tally(), b: new Tally() };
  for (const which of ['a', 'b']) {
    const spec = await specOf(which);
    await load.run({ ...spec, seconds: warmUp, url: targets[which].url });
  }
  for (let round = 0; round < rounds; round++) {
    for (const which of ['a', 'b', 'b', 'a']) {
      progress(`${label}: ${which === 'a' ? a.name : b.name}`);
      const { result, cpu } = await slice(load, targets[which], await specOf(which));
      tallies[which].add(result, cpu, targets[which].rssMb());
    }
  }
  return { a: tallies.a.figures(), b: tallies.b.figures() };
}

/** Slices of one target alone. */
export async function measure(load, { label, target, specOf, slices = 2, warmUp = true }) {
  const tally = new Tally();
  if (warmUp) {
    const spec = await specOf();
    await load.run({ ...spec, seconds: Math.min(spec.seconds, WARM_UP_SECONDS), url: target.url });
  }
  for (let i = 0; i < slices; i++) {
    progress(label);
    const { result, cpu } = await slice(load, target, await specOf());
    tally.add(result, cpu, target.rssMb());
  }
  return tally.figures();
}
