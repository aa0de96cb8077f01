import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import type { Logger } from 'pino';
import { graphqlChannel } from '../../graphql/server/channel';
import type { GraphqlContext } from '../../graphql/server/context';
import { formatExecutionError } from '../../graphql/server/format-error';
import type { SubscriptionParser } from '../../graphql/server/subscription';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { readGraphqlBodies } from '../graphql-body';
import { identify } from '../request-caller';
import { problemOf } from '../server';

export interface GraphqlStreamOptions {
  subscriptions: SubscriptionParser;
  authenticator: TokenAuthenticator;
  /** Bytes that the body of a request may have. */
  bodyLimit: number;
  logger: Logger;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The subscription that a request of `/graphql/stream` asks for. */
    subscription: ExecutionArgs | null;
  }
}

/**
 * Subscriptions at `/graphql/stream`, as server-sent events in the distinct connections mode of the
 * GraphQL over SSE protocol: one POST for each stream.
 */
export function graphqlStreamPlugin(options: GraphqlStreamOptions): FastifyPluginAsync {
  const { subscriptions, authenticator, bodyLimit, logger } = options;
  const contextOf = (raw: unknown) => (raw as FastifyRequest).subscription?.contextValue as GraphqlContext;
  const stream = createHandler({
    authenticate: () => undefined, // no single connections, which reserve memory before they are used
    onSubscribe: ({ raw }) => (raw as unknown as FastifyRequest).subscription as never,
    onNext: (_context, { raw }, result) =>
      result.errors
        ? {
            ...result,
            errors: result.errors.map((error) =>
              formatExecutionError(error as GraphQLError, logger, contextOf(raw)),
            ) as never,
          }
        : undefined,
  });
  return async (app) => {
    app.decorateRequest('subscription', null);
    readGraphqlBodies(app);
    app.setErrorHandler((error: unknown, request, reply) => {
      const { status, code, message, retryAfter } = problemOf(error, request);
      if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
      return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
    });
    app.post('/graphql/stream', { bodyLimit }, async (request, reply) => {
      const context = await identify(request, graphqlChannel, authenticator);
      request.subscription = subscriptions.read(request.body, context);
      reply.hijack();
      await stream(request, reply).catch((error: unknown) => {
        // a client that has gone is no error of the server; a write may fail before its socket is closed
        if (!reply.raw.destroyed && !isConnectionLost(error)) throw error;
      });
    });
  };
}

const isConnectionLost = (error: unknown): boolean =>
  ['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '');
