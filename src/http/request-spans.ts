import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { currentTracing, type RequestSpan } from '../observability/tracing/tracing';

declare module 'fastify' {
  interface FastifyRequest {
    span: RequestSpan | null;
  }
}

/** A span for each request, named by its route. Its path is left out: it may hold what only its sender should know. */
export function traceRequests(app: FastifyInstance): void {
  const tracing = currentTracing();
  if (!tracing) return;
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, next) => {
    request.span = tracing.startRequest(request.method, request.headers);
    request.span.activate(next);
  });
  // events of a body are emitted outside the context of the request
  app.addHook('preHandler', (request, _reply, next) => activate(request, next));
  app.addHook('onResponse', (request, reply, next) => {
    end(request, reply.statusCode);
    activate(request, next);
  });
  app.addHook('onRequestAbort', (request, next) => {
    end(request, CLIENT_CLOSED);
    next();
  });
}

/** As proxies log it; no client gets it. */
const CLIENT_CLOSED = 499;

function activate({ span }: FastifyRequest, next: () => void): void {
  if (span) span.activate(next);
  else next();
}

function end({ span, method, routeOptions, raw }: FastifyRequest, status: FastifyReply['statusCode']): void {
  const route = routeOptions.url;
  const attributes = {
    'http.request.method': method,
    ...(route !== undefined && { 'http.route': route }),
    'http.response.status_code': status,
    'network.protocol.version': raw.httpVersion,
    'url.scheme': 'http',
  };
  span?.end(route === undefined ? method : `${method} ${route}`, attributes, status >= 500);
}
