import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { graphqlChannel } from '../../graphql/server/channel';
import type { GraphqlContext } from '../../graphql/server/context';
import type { DocumentCache } from '../../graphql/server/document-cache';
import type { OperationExecutor } from '../../graphql/server/execute';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
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

export interface GraphqlPluginOptions {
  apollo: ApolloServer<GraphqlContext>;
  executor: OperationExecutor;
  documents: DocumentCache;
  authenticator: TokenAuthenticator;
}

/** `/graphql` as GraphQL over HTTP has it: POST, and GET for queries. */
export function graphqlPlugin({
  apollo,
  executor,
  documents,
  authenticator,
}: GraphqlPluginOptions): FastifyPluginAsync {
  const context = (request: FastifyRequest): Promise<GraphqlContext> =>
    identify(request, graphqlChannel, authenticator);
  return async (app) => {
    // an unreadable body never reaches Apollo
    app.setErrorHandler((error: unknown, request, reply) => {
      const { status, code, message } = problemOf(error, request);
      return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
    });
    const handler = fastifyApolloHandler(apollo, { context });
    app.get('/graphql', handler);
    app.post('/graphql', async function (request: FastifyRequest, reply: FastifyReply) {
      const type = ANSWER_TYPES.get(request.headers.accept);
      const known = type && documents.find(request.body);
      if (!known) return handler.call(this, request, reply);
      const { status, body } = await executor.answer(known.operation, known.variables, await context(request));
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
