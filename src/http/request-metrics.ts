import type { FastifyInstance } from 'fastify';
import type { Counter } from 'prom-client';
import { httpDuration, httpRequests } from '../observability/metrics/metrics';

/** Counts every answer by its status, whatever the path: a path is what clients choose. */
export function countRequests(app: FastifyInstance): void {
  const duration = httpDuration.labels();
  const counts = new Map<number, Counter.Internal>();
  // a series that begins with its first failure shows no increase
  for (const status of [500, 502, 503]) httpRequests.inc({ status }, 0);
  app.addHook('onResponse', (_request, reply, next) => {
    const { statusCode } = reply;
    let count = counts.get(statusCode);
    if (!count) {
      count = httpRequests.labels(String(statusCode));
      counts.set(statusCode, count);
    }
    count.inc();
    duration.observe(reply.elapsedTime / 1000);
    next();
  });
}
