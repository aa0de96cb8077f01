import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptedOperations } from '../../graphql/server/accepted-operations';
import { graphqlChannel } from '../../graphql/server/channel';
import type { GraphqlContext } from '../../graphql/server/context';
import { createLoaders, type Loaders } from '../../graphql/server/loaders';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import type { UserQueries } from '../../services/users/user-queries';
import { identify } from '../request-caller';
import { problemOf } from '../server';

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

/**
 * What clients accept, as they write it, and what they get for it; whatever else is accepted is for
 * Apollo to weigh.
 */
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
  accepted: AcceptedOperations;
  authenticator: TokenAuthenticator;
  users: UserQueries;
}

/** `/graphql`, as GraphQL over HTTP has it: POST, and GET for queries. */
export function graphqlPlugin({ apollo, accepted, authenticator, users }: GraphqlPluginOptions): FastifyPluginAsync {
  const context = async (request: FastifyRequest): Promise<GraphqlContext> => {
    const { caller, authenticationUnavailable } = await identify(request, graphqlChannel, authenticator);
    let loaders: Loaders | undefined;
    return {
      caller,
      authenticationUnavailable,
      get loaders() {
        loaders ??= createLoaders(users);
        return loaders;
      },
    };
  };
  return async (app) => {
    // a body that cannot be read never comes to Apollo
    app.setErrorHandler((error: unknown, request, reply) => {
      const { status, code, message } = problemOf(error, request);
      return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
    });
    const handler = fastifyApolloHandler(apollo, { context });
    app.get('/graphql', handler);
    app.post('/graphql', async function (request: FastifyRequest, reply: FastifyReply) {
      const type = ANSWER_TYPES.get(request.headers.accept);
      const answer = type && (await accepted.answer(request.body, () => context(request)));
      if (type && answer) return reply.header('content-type', type).send(answer);
      return handler.call(this, request, reply);
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
