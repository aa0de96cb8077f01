import type { Tally } from './fast-metrics';
import { httpDuration, httpRequests } from './metrics';

const duration = httpDuration.timing({});
const tallies = new Map<number, Tally>();

/** Counts an answer by its status, whatever its path: paths are what clients choose. */
export function countAnswer(status: number, elapsedMs: number): void {
  (tallies.get(status) ?? addStatus(status)).count++;
  duration.record(elapsedMs / 1000);
}

function addStatus(status: number): Tally {
  const tally = httpRequests.tally({ status: String(status) });
  tallies.set(status, tally);
  return tally;
}

// a series that begins with its first failure shows no increase
for (const status of [500, 502, 503]) addStatus(status);
