import { setTimeout as sleep } from 'node:timers/promises';

const MAX_AGE_MS = 5000;
const TIMEOUT_MS = 1000;

/**
 * Turns a check that costs a request into one for `/health/ready`: its result counts for 5 s, and a
 * check that takes longer than 1 s, or fails, counts as unavailable.
 */
export function dependencyProbe(check: () => Promise<boolean>): () => Promise<boolean> {
  let latest: Promise<boolean> | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (!latest || performance.now() - checkedAt >= MAX_AGE_MS) {
      checkedAt = performance.now();
      const timeout = sleep(TIMEOUT_MS, false, { ref: false });
      latest = Promise.race([check().catch(() => false), timeout]);
    }
    return latest;
  };
}
