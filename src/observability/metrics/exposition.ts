import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, Registry } from 'prom-client';
import { collectCacheCounts } from './cache-counts';
import { registry } from './metrics';
import { collectProcess, collectState, type ProcessState } from './process-state';

export const contentType = registry.contentType;

let state: ProcessState | undefined;

/** Names the server whose state the gauges show. @returns the function that takes it back */
export function exposeState(own: ProcessState): () => void {
  state = own;
  return () => {
    if (state === own) state = undefined;
  };
}

async function collect(): Promise<void> {
  collectCacheCounts();
  collectProcess();
  if (state) await collectState(state);
}

// Several processes share the ports, so that a scrape reaches any of them: it asks the primary, which
// asks all workers and adds their numbers up.

const REQUEST = 'identity:metrics';
const ANSWER = 'identity:metrics:answer';
/** Longer than prom-client waits for the workers. */
const PRIMARY_MS = 6000;

let underWay: Promise<string> | undefined;

/**
 * The metrics of all processes behind the ports, in the text format of Prometheus; scrapes at the same time share one
 * collection. @throws Error when a process does not answer
 */
export function readMetrics(): Promise<string> {
  underWay ??= (cluster.isWorker ? askPrimary() : collect().then(() => registry.metrics())).finally(() => {
    underWay = undefined;
  });
  return underWay;
}

function askPrimary(): Promise<string> {
  return new Promise((resolve, reject) => {
    const finish = (text: unknown) => {
      clearTimeout(timeout);
      process.off('message', receive);
      if (typeof text === 'string') resolve(text);
      else reject(new Error('the metrics of a process are missing'));
    };
    const receive = (message: { type?: unknown; text?: unknown }) => {
      if (message.type === ANSWER) finish(message.text);
    };
    const timeout = setTimeout(finish, PRIMARY_MS, null);
    process.on('message', receive).send?.({ type: REQUEST });
  });
}

/** The registry as the primary reads it: up to date. */
class CollectingRegistry extends Registry {
  override async getMetricsAsJSON() {
    await collect();
    return registry.getMetricsAsJSON();
  }
}

/** Lets the primary read the metrics of this worker. */
export function shareWithPrimary(): void {
  if (!cluster.isWorker) return;
  AggregatorRegistry.setRegistries([new CollectingRegistry()]);
  new AggregatorRegistry(); // answers the primary from now on
}

/** In the primary: answers the workers that are scraped. */
export function answerWorkers(): void {
  const workers = new AggregatorRegistry();
  cluster.on('message', (worker: Worker, message: { type?: unknown }) => {
    if (message.type !== REQUEST) return;
    const send = (text: string | null) => void (worker.isConnected() && worker.send({ type: ANSWER, text }));
    workers.clusterMetrics().then(send, () => send(null));
  });
}
