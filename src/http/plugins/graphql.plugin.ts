import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { graphqlChannel } from '../../graphql/server/channel';
import type { GraphqlContext, RefreshCookie } from '../../graphql/server/context';
import type { DocumentCache } from '../../graphql/server/document-cache';
import type { OperationExecutor } from '../../graphql/server/execute';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { readGraphqlBodies } from '../graphql-body';
import { preferredLanguage } from '../language';
import type { RefreshCookies } from '../refresh-cookies';
import { identify } from '../request-caller';
import { problemOf } from '../server';

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

/** The usual Accept headers with the type they are answered in; Apollo negotiates all others. */
const ANSWER_TYPES = new Map<string | undefined, string>([
  [undefined, JSON_TYPE],
  ['*/*', JSON_TYPE],
  ['application/json', JSON_TYPE],
  ['application/json, text/plain, */*', JSON_TYPE],
  ['application/graphql-response+json', GRAPHQL_TYPE],
  ['application/graphql-response+json, application/json', GRAPHQL_TYPE],
  ['application/graphql-response+json,application/json;q=0.9', GRAPHQL_TYPE],
  ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_TYPE],
]);

declare module 'fastify' {
  interface FastifyRequest {
    /** What a request of `/graphql` brings to the resolvers. */
    graphqlContext: GraphqlContext | null;
  }
}

export interface GraphqlPluginOptions {
  apollo: ApolloServer<GraphqlContext>;
  executor: OperationExecutor;
  documents: DocumentCache;
  authenticator: TokenAuthenticator;
  refreshCookies: RefreshCookies;
  /** Bytes that the body of a request may have. */
  bodyLimit: number;
}

/** `/graphql` as GraphQL over HTTP has it: POST, and GET for queries. */
export function graphqlPlugin(options: GraphqlPluginOptions): FastifyPluginAsync {
  const { apollo, executor, documents, authenticator, refreshCookies, bodyLimit } = options;
  const apolloHandler = fastifyApolloHandler(apollo, { context: async ({ graphqlContext }) => graphqlContext! });
  const identifyCaller = async (request: FastifyRequest, refreshCookie: RefreshCookie | null = null) => {
    const messageLanguage = preferredLanguage(request.headers['accept-language'], 'en');
    const context = { ...(await identify(request, graphqlChannel, authenticator)), messageLanguage, refreshCookie };
    executor.admit(context);
    request.graphqlContext = context;
    return context;
  };
  return async (app) => {
    app.decorateRequest('graphqlContext', null);
    readGraphqlBodies(app);
    // errors of the body and of limits never reach Apollo
    app.setErrorHandler((error: unknown, request, reply) => {
      const { status, code, message, retryAfter } = problemOf(error, request);
      if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
      const extensions = { code, ...(retryAfter !== undefined && { retryAfter }) };
      return reply.code(status).send({ errors: [{ message, extensions }] });
    });
    app.get('/graphql', async function (request, reply) {
      await identifyCaller(request);
      return apolloHandler.call(this, request, reply);
    });
    app.post('/graphql', { bodyLimit }, async function (request, reply) {
      const context = await identifyCaller(request, refreshCookies.open(request, reply));
      const type = ANSWER_TYPES.get(request.headers.accept);
      const known = type && documents.find(request.body);
      if (!known) return apolloHandler.call(this, request, reply);
      const { status, body } = await executor.answer(known.operation, known.variables, context);
      return reply
        .code(status)
        .header('content-type', type)
        .send(`${JSON.stringify(body)}\n`);
    });
    app.route({
      method: ['PUT', 'DELETE', 'PATCH'],
      url: '/graphql',
      handler: (_request, reply) =>
        reply
          .code(405)
          .header('allow', 'GET, POST')
          .send({ errors: [{ message: 'GraphQL takes GET and POST', extensions: { code: 'BAD_REQUEST' } }] }),
    });
  };
}
