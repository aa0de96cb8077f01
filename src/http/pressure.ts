import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import { serviceUnavailable } from '../errors/app-error';

/** Beyond this share of the heap limit, new requests would end the process for all. */
const MAX_HEAP_SHARE = 0.85;
const SAMPLE_MS = 100;

/** Answers 503 with Retry-After while the heap is nearly full; the health checks and the metrics still answer. */
export function rejectUnderPressure(app: FastifyInstance, heapShare: () => number = usedHeapShare): void {
  let isFull = false;
  const sampling = setInterval(() => {
    isFull = heapShare() > MAX_HEAP_SHARE;
  }, SAMPLE_MS);
  sampling.unref();
  app.addHook('onClose', async () => clearInterval(sampling));
  app.addHook('onRequest', (request, _reply, done) => {
    if (!isFull || /^\/(health|metrics)\b/.test(request.url)) return done();
    done(serviceUnavailable(new Error('the heap is nearly full')));
  });
}

function usedHeapShare(): number {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return used_heap_size / heap_size_limit;
}
