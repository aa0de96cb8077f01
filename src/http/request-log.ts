import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config';
import { countAnswer } from '../observability/metrics/answers';
import { isOwnOrigin } from './own-origin';

const HEADER = 'x-request-id';
const ACCEPTABLE_ID = /^[\w.:/+=-]{1,128}$/;
/** Requests fail with 503 for as long as a dependency is away: one line of them in so many milliseconds. */
const UNAVAILABLE_EVERY_MS = 10_000;
/** Pages of foreign origins may try as often as they like: each origin is logged once, and at most so many. */
const MAX_REPORTED_ORIGINS = 100;

const requestIds = new AsyncLocalStorage<string>();
const processPrefix = randomBytes(6).toString('base64url');
let requestNumber = 0;

/** The id that the client or a proxy has sent in X-Request-Id, where it is one; else a new one. */
export function createRequestId({ headers }: IncomingMessage): string {
  const sent = headers[HEADER];
  return typeof sent === 'string' && ACCEPTABLE_ID.test(sent)
    ? sent
    : `${processPrefix}-${(requestNumber++).toString(36)}`;
}

/** Fields of every line that is logged while a request is handled. */
export function requestFields(): { requestId?: string } {
  const requestId = requestIds.getStore();
  return requestId === undefined ? {} : { requestId };
}

/** Sends every request's id back, counts answers, and logs requests: failed ones, all of them with LOG_REQUESTS=on. */
export function logRequests(app: FastifyInstance, config: Config, logger: Logger): void {
  app.addHook('onRequest', (request, reply, next) => {
    reply.header(HEADER, request.id);
    requestIds.run(request.id, next);
  });
  // events of a body are emitted outside the context of the request
  app.addHook('preHandler', (request, _reply, next) =>
    requestIds.getStore() === request.id ? next() : requestIds.run(request.id, next),
  );

  let unlogged = 0;
  let unavailableLoggedAt = Number.NEGATIVE_INFINITY;
  app.addHook('onResponse', (request, reply, next) => {
    const { statusCode } = reply;
    countAnswer(statusCode, reply.elapsedTime);
    if (config.log.requests) logger.info(describe(request, reply), 'request');
    if (statusCode === 503 && performance.now() - unavailableLoggedAt < UNAVAILABLE_EVERY_MS) unlogged++;
    else if (statusCode >= 500) {
      logger.warn({ ...describe(request, reply), ...(unlogged > 0 && { unloggedBefore: unlogged }) }, 'request failed');
      if (statusCode === 503) {
        unlogged = 0;
        unavailableLoggedAt = performance.now();
      }
    }
    next();
  });
}

/** Without the query, which may hold a token. */
function describe(request: FastifyRequest, reply: FastifyReply) {
  return {
    requestId: request.id,
    method: request.method,
    path: request.url.split('?', 1)[0],
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    address: request.ip,
  };
}

/** Logs once that pages of an origin are not allowed to call the server, since browsers do not show them why. */
export function reportRefusedOrigins(app: FastifyInstance, allowed: readonly string[], logger: Logger): void {
  const reported = new Set<string>();
  app.addHook('onRequest', (request, _reply, next) => {
    const { origin, host } = request.headers;
    if (origin !== undefined && !allowed.includes(origin) && !isOwnOrigin(origin, host) && !reported.has(origin)) {
      if (reported.size < MAX_REPORTED_ORIGINS) {
        reported.add(origin);
        logger.warn(
          { origin: origin.slice(0, 200) },
          'pages of this origin may not read answers; CORS_ORIGINS allows it',
        );
      }
    }
    next();
  });
}
