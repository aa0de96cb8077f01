import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { GraphqlContext } from './context';
import type { DocumentCache } from './document-cache';
import type { OperationExecutor } from './execute';
import { formatError } from './format-error';
import { knownOperationTypes } from './known-operation-types';
import { limitQuery, queryLimits } from './query-limits';

export interface ApolloServerOptions {
  schema: GraphQLSchema;
  executor: OperationExecutor;
  documents: DocumentCache;
  introspection: boolean;
  logger: Logger;
}

/**
 * Apollo Server parses and validates what the document cache does not hold, and the executor runs
 * it. Everything in Apollo that contacts other hosts is off.
 */
export function createApolloServer({
  schema,
  executor,
  documents,
  introspection,
  logger,
}: ApolloServerOptions): ApolloServer<GraphqlContext> {
  return new ApolloServer<GraphqlContext>({
    schema,
    introspection,
    validationRules: [limitQuery, knownOperationTypes],
    parseOptions: { maxTokens: queryLimits.tokens },
    maxRecursiveSelections: 5000,
    hideSchemaDetailsFromClientErrors: !introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false, // the process closes in its own order
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    documentStore: null, // the document cache is the only one
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (m) => logger.warn(m),
      error: (m) => logger.error(m),
    },
    formatError: (formatted, error) => formatError(formatted, error, logger),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      runBy(executor, documents),
    ],
  });
}

/** Hands every accepted document to the executor. */
const runBy = (executor: OperationExecutor, documents: DocumentCache): ApolloServerPlugin<GraphqlContext> => ({
  requestDidStart: async () => ({
    responseForOperation: async ({ source, document, operation, operationName, request, contextValue }) => {
      if (!operation) return null; // Apollo reports that the name is unknown
      const accepted = documents.add(source, document, operationName ?? undefined);
      const { status, body } = await executor.answer(accepted, request.variables, contextValue);
      return { http: { status, headers: new HeaderMap() }, body: { kind: 'single', singleResult: body } };
    },
  }),
});
