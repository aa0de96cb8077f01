import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes on a machine with much else to do: what is not there then hangs. */
const HANGS_MS = Number(process.env.TEST_PATIENCE_MS ?? 120_000);

/** Waits for the first value of `look` that is truthy. @throws Error with `what` when there is none in time */
export async function eventually<T>(what: string, look: () => Promise<T> | T): Promise<NonNullable<T>> {
  for (const startedAt = performance.now(); ; await sleep(10)) {
    const found = await look();
    if (found) return found;
    if (performance.now() - startedAt > HANGS_MS) throw new Error(`waited in vain: ${what}`);
  }
}
