import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../../errors/app-error';
import type { OperationExecutor } from '../../graphql/server/execute';
import { toAppError } from '../../graphql/server/format-error';
import { type Contract, type Failure, type Method, type Mount, type Port, type Route, rowsOf } from './contract';
import type { RequestContexts } from './request-context';
import { badRequest, RequestError } from './request-error';
import { RouteHandler } from './route-handler';
import { sendFailure } from './send-response';

export interface RestOptions {
  contract: Contract;
  port: Port;
  executor: OperationExecutor;
  contexts: RequestContexts;
  logger: Logger;
}

/** Mounts the rows of a contract on one port; its other paths answer in the contract's own form. */
export function restPlugin({ contract, port, executor, contexts, logger }: RestOptions): FastifyPluginAsync {
  const handlers = contract.routes.map((route) => new RouteHandler({ route, contract, executor, contexts }));
  const mounts = contract.mounts[port];
  const paths = new KnownPaths(mounts, contract.routes);
  const onError = (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
    sendFailure(contract, failureOf(error, logger), { request, reply });

  return async (app) => {
    for (const mount of mounts) await app.register((scope) => mountRoutes(scope, mount), { prefix: mount.prefix });
  };

  async function mountRoutes(scope: FastifyInstance, mount: Mount): Promise<void> {
    scope.decorateRequest('restContext', null);
    scope.removeAllContentTypeParsers();
    // bodies are read as bytes and parsed by the row, once access is granted
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook('onRequest', requireReadablePath);
    scope.setErrorHandler(onError);
    if (mount.prefix !== '')
      scope.setNotFoundHandler((request, reply) =>
        sendFailure(contract, notARow(request, reply, paths), { request, reply }),
      );
    const mounted = new Set(rowsOf(mount, contract.routes).map(({ route }) => route));
    for (const { route, admit, handle } of handlers) {
      if (!mounted.has(route)) continue;
      const method = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
      scope.route({ method, url: route.path, exposeHeadRoute: false, onRequest: admit, handler: handle });
    }
  }
}

/** The server has escaped a path that cannot be decoded, so that the contract can answer it. */
function requireReadablePath(request: FastifyRequest, _reply: FastifyReply, next: (error?: Error) => void): void {
  if (request.originalUrl === request.url) next();
  else next(badRequest('MALFORMED_PATH', 'path', 'The path is not percent-encoded UTF-8'));
}

function notARow(request: FastifyRequest, reply: FastifyReply, paths: KnownPaths): Failure {
  const path = request.url.split('?', 1)[0]!;
  const methods = paths.methodsOf(path);
  if (methods.length === 0) return badRequest('NOT_FOUND', 'path', 'There is nothing at this path');
  reply.header('allow', methods.join(', '));
  return badRequest('METHOD_NOT_ALLOWED', 'method', `This path takes ${methods.join(', ')}`);
}

/** Which methods a path has, for the Allow header (RFC 9110 section 15.5.6). */
class KnownPaths {
  private readonly known: { pattern: RegExp; method: Method }[];

  constructor(mounts: readonly Mount[], routes: readonly Route[]) {
    this.known = mounts.flatMap((mount) =>
      rowsOf(mount, routes).map(({ path, route }) => ({ pattern: patternOf(path), method: route.method })),
    );
  }

  methodsOf(path: string): string[] {
    const found = this.known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(found.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
  }
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`);

/** The failure behind Fastify's own errors about a body and behind everything that operations throw. */
function failureOf(error: unknown, logger: Logger): Failure {
  if (error instanceof AppError || error instanceof RequestError) return error;
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413) return badRequest('PAYLOAD_TOO_LARGE', 'body', 'The body is too large');
  if (status === 415) return badRequest('UNSUPPORTED_MEDIA_TYPE', 'content-type', 'Send the body as application/json');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return badRequest('MALFORMED_BODY', 'body', 'The body cannot be read');
  return toAppError(error, logger);
}
