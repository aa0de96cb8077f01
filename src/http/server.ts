import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config';
import { AppError } from '../errors/app-error';
import { type ErrorCode, errorCatalogue } from '../errors/catalogue';
import { batchResponses } from './batch-responses';
import { trustFunction } from './client-address';
import { Connections } from './connections';
import { guardAgainstDnsRebinding } from './dns-rebinding-guard';
import { rejectUnderPressure } from './pressure';
import { createRequestId, logRequests, reportRefusedOrigins } from './request-log';
import { traceRequests } from './request-spans';
import { requireValidHost } from './valid-host';

const BODY_LIMIT = 1_048_576;
/** Milliseconds in which a request has to arrive whole; Node looks for late ones at its interval. */
const REQUEST_MS = 30_000;
/** Milliseconds that a client has to read why its request could not be read. */
const UNREADABLE_MS = 1000;
/** Longer than any token of this server, so that an overlong token is refused as a token, not as a header. */
const HEADER_LIMIT = 65_536;

/**
 * A Fastify instance with what all channels share: checks of the request, CORS, headers, and answers without a route.
 */
export async function createHttpServer(config: Config, logger: Logger): Promise<FastifyInstance> {
  const connections = new Connections();
  const app = Fastify({
    serverFactory: (handler, options) => connections.serve(handler, options),
    loggerInstance: withoutInformation(logger),
    logController: new LogController({ disableRequestLogging: true }),
    // a logger for each request would cost more than most requests
    childLoggerFactory: (parent) => parent,
    trustProxy: trustFunction(config.http.trustProxy),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    pluginTimeout: 0, // a busy machine starts late, and must not fail for it
    requestIdHeader: false,
    genReqId: createRequestId,
    routerOptions: { maxParamLength: HEADER_LIMIT },
    http: {
      maxHeaderSize: HEADER_LIMIT,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: REQUEST_MS / 6,
    },
    rewriteUrl: ({ url = '/' }) => decodablePath(url),
    clientErrorHandler: answerUnreadable,
  }) as unknown as FastifyInstance;
  connectionsOf.set(app, connections);
  app.decorate('defaultLanguage', config.defaultLanguage);
  app.addHook('preClose', () => connections.close());
  traceRequests(app);
  logRequests(app, config, logger);
  requireValidHost(app);
  reportRefusedOrigins(app, config.http.corsOrigins, logger);
  rejectUnderPressure(app);
  await app.register(cors, {
    // the page /docs calls the gateway port, which is another origin
    origin: [...config.http.corsOrigins, new URL(config.http.publicUrl).origin],
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
    exposedHeaders: ['Authorization', 'Retry-After', 'X-Request-Id'],
    strictPreflight: false,
    maxAge: 600,
  });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    done();
  });
  guardAgainstDnsRebinding(app, config);
  batchResponses(app);
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ code: 'NOT_FOUND', message: `There is nothing at ${request.method} ${request.url.split('?', 1)[0]}` }),
  );
  app.setErrorHandler((error: unknown, request, reply) => {
    const { status, code, message, retryAfter } = problemOf(error, request);
    if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
    return reply.code(status).send({ code, message });
  });
  return app;
}

/**
 * The answer to an error that no channel has mapped: a client's mistake is named, anything else is masked and logged.
 */
export function problemOf(
  error: unknown,
  request: FastifyRequest,
): { status: number; code: ErrorCode; message: string; retryAfter?: number } {
  if (error instanceof AppError) {
    const { status, code, message, params } = error;
    return { status, code, message, ...(params.retryAfter !== undefined && { retryAfter: Number(params.retryAfter) }) };
  }
  const { statusCode = 500, message } = error as Error & { statusCode?: number };
  if (statusCode >= 400 && statusCode < 500) return { status: statusCode, code: 'BAD_REQUEST', message };
  request.log.error({ err: error, requestId: request.id }, 'unexpected error');
  return { status: 500, code: 'INTERNAL_SERVER_ERROR', message: errorCatalogue.INTERNAL_SERVER_ERROR.message };
}

/** Escapes the percent signs of a path that cannot be decoded: the router would answer it without CORS and channel. */
function decodablePath(url: string): string {
  if (!url.includes('%')) return url;
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replaceAll('%', '%25') + url.slice(path.length);
  }
}

const UNREADABLE: Record<string, [status: string, message: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', `The headers are longer than ${HEADER_LIMIT} bytes`],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time'],
};

/** Answers what is no HTTP request; no route and no channel is known, so the form is that of the identity contract. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = UNREADABLE[error.code ?? ''] ?? ['400 Bad Request', 'The request is not valid HTTP'];
  const body = JSON.stringify({ code: 1001, message: 'Uncategorized error', errors: [{ field: 'request', message }] });
  const head = [
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  // Node leaves the other half open: a client that goes on sending would hold the connection
  setTimeout(() => socket.destroy(), UNREADABLE_MS).unref();
}

/** Fastify's own lines name the addresses, which the start summary does better. */
const withoutInformation = (logger: Logger): Logger =>
  logger.levelVal < logger.levels.values.warn! ? logger.child({}, { level: 'warn' }) : logger;

export interface Address {
  host: string;
  port: number;
}

const connectionsOf = new WeakMap<FastifyInstance, Connections>();

/** Listens on every address of the host; with port 0 the system chooses. @returns the port */
export async function listen(app: FastifyInstance, { host, port }: Address): Promise<number> {
  const [first = host, ...others] = await addressesOf(host);
  await app.listen({ host: first, port });
  const address = app.server.address();
  const chosen = typeof address === 'object' && address !== null ? address.port : port;
  await connectionsOf.get(app)?.listenAlso(others, chosen);
  return chosen;
}

async function addressesOf(host: string): Promise<string[]> {
  if (host !== 'localhost') return [host];
  // the first one has to be there; a machine may know ::1 by name and have no IPv6
  const found = await lookup(host, { all: true, order: 'ipv4first' });
  return [...new Set(found.map(({ address }) => address))];
}
