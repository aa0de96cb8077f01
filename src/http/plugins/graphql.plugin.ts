import { isUtf8 } from 'node:buffer';
import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error';
import { graphqlChannel } from '../../graphql/server/channel';
import type { GraphqlContext } from '../../graphql/server/context';
import type { DocumentCache } from '../../graphql/server/document-cache';
import type { OperationExecutor } from '../../graphql/server/execute';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { preferredLanguage } from '../language';
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
  /** Bytes that the body of a request may have. */
  bodyLimit: number;
}

/** `/graphql` as GraphQL over HTTP has it: POST, and GET for queries. */
export function graphqlPlugin(options: GraphqlPluginOptions): FastifyPluginAsync {
  const { apollo, executor, documents, authenticator, bodyLimit } = options;
  const apolloHandler = fastifyApolloHandler(apollo, { context: async ({ graphqlContext }) => graphqlContext! });
  const identifyCaller = async (request: FastifyRequest): Promise<GraphqlContext> => {
    const messageLanguage = preferredLanguage(request.headers['accept-language'], 'en');
    const context = { ...(await identify(request, graphqlChannel, authenticator)), messageLanguage };
    executor.admit(context);
    request.graphqlContext = context;
    return context;
  };
  return async (app) => {
    app.decorateRequest('graphqlContext', null);
    readBodiesOf(app);
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
      const context = await identifyCaller(request);
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

/** Parses JSON of valid UTF-8 and keeps the members of a GraphQL request (GraphQL over HTTP, section 5.1). */
function readBodiesOf(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    // replacement characters would make two different passwords equal
    if (!isUtf8(bytes)) return done(new AppError('BAD_REQUEST', { detail: 'The body is not valid UTF-8' }));
    parse(request, bytes.toString('utf8'), (error, body) => done(error, error ? undefined : requestMembers(body)));
  });
}

const REQUEST_MEMBERS = new Set(['query', 'variables', 'operationName', 'extensions']);

function requestMembers(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  for (const name of Object.keys(body)) if (!REQUEST_MEMBERS.has(name)) delete (body as Record<string, unknown>)[name];
  return body;
}
