import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppError, serviceUnavailable } from '../../errors/app-error';
import { contentType, readMetrics } from '../../observability/metrics/exposition';
import { isOfThisMachine } from '../loopback';

export interface MetricsOptions {
  /** What every scrape has to send as a bearer token, where it is set. */
  token: string | undefined;
  /** Whether, without a token, requests of this machine alone are answered. */
  isLoopbackOnly: boolean;
  logger: Logger;
}

const BEARER = /^bearer +(\S+) *$/i;

/** `/metrics` in the text format of Prometheus. */
export function metricsPlugin({ token, isLoopbackOnly, logger }: MetricsOptions): FastifyPluginAsync {
  const expected = token === undefined ? null : digest(token);
  const mayRead = ({ headers }: FastifyRequest): boolean => {
    const given = BEARER.exec(headers.authorization ?? '')?.[1];
    return expected === null || (given !== undefined && timingSafeEqual(digest(given), expected));
  };
  return async (app) => {
    app.get('/metrics', async (request, reply) => {
      if (expected === null && isLoopbackOnly && !isOfThisMachine(request))
        throw new AppError('FORBIDDEN', { needs: 'METRICS_TOKEN, or METRICS_PORT, to be set' });
      if (!mayRead(request)) {
        reply.header('www-authenticate', 'Bearer realm="metrics"');
        throw new AppError('UNAUTHENTICATED', { reason: 'missing' });
      }
      const text = await readMetrics().catch((error: unknown) => {
        logger.warn({ err: error }, 'the metrics could not be read');
        throw serviceUnavailable(error);
      });
      return reply.header('content-type', contentType).send(text);
    });
  };
}

/** Digests have one length, so that the comparison tells nothing about the token's. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
