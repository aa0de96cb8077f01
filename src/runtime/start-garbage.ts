import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds after the start: the first requests do not wait for it. */
const DELAY_MS = 1000;

/** Collects what only the start has needed, 30 MB, once: V8 keeps it until the process is busy. */
export function collectStartGarbage(): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options: { flavor: string }) => void;
    collect({ flavor: 'last-resort' });
  }, DELAY_MS).unref();
}
