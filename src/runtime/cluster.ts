import cluster, { type Worker } from 'node:cluster';

const RESTART_MS = 1000;
/** Longer than a worker needs to finish what is under way. */
const STOP_MS = 35_000;

/**
 * Keeps `count` processes behind the same ports (WEB_CONCURRENCY). A worker that dies is replaced;
 * one that cannot even start ends all, with its exit code. SIGTERM and SIGINT are passed on, and
 * the last worker's end is ours.
 */
export function superviseWorkers(count: number): void {
  const ready = new Set<Worker>();
  let stopping = false;
  let exitCode = 0;

  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.kill(signal);
    setTimeout(() => process.exit(1), STOP_MS).unref();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  cluster.on('listening', (worker) => ready.add(worker));
  cluster.on('exit', (worker, code) => {
    if (!stopping && !ready.has(worker)) {
      exitCode = code || 1;
      stop('SIGTERM');
    }
    ready.delete(worker);
    if (!stopping) setTimeout(() => !stopping && cluster.fork(), RESTART_MS);
    else if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(exitCode);
  });
  for (let i = 0; i < count; i++) cluster.fork();
}
