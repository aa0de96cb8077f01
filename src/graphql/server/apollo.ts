import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { GraphqlContext } from './context';
import { formatError } from './format-error';
import { knowOperationType } from './known-operation-types';
import { requireAffordable } from './query-cost';
import { limitQuery, queryLimits } from './query-limits';

/**
 * Apollo Server over the guarded schema, with the limits on and everything that phones home off.
 */
export function createGraphqlServer(options: {
  schema: GraphQLSchema;
  introspection: boolean;
  logger: Logger;
  plugins?: ApolloServerPlugin<GraphqlContext>[];
}) {
  const { schema, introspection, logger } = options;
  return new ApolloServer<GraphqlContext>({
    schema,
    introspection,
    validationRules: [limitQuery, knowOperationType],
    parseOptions: { maxTokens: queryLimits.tokens },
    maxRecursiveSelections: 5000,
    hideSchemaDetailsFromClientErrors: !introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false, // the process closes in its own order
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
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
      limitCost,
      ...(options.plugins ?? []),
    ],
  });
}

const limitCost: ApolloServerPlugin<GraphqlContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operationName, request }) {
        requireAffordable({
          schema,
          document,
          operationName: operationName ?? undefined,
          variables: request.variables,
        });
      },
    };
  },
};
