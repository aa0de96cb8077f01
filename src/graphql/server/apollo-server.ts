import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { GraphqlContext } from './context';
import type { CostBudget } from './cost-budget';
import type { DocumentCache } from './document-cache';
import type { OperationExecutor } from './execute';
import { formatError, translateError } from './format-error';
import { knownOperationTypes } from './known-operation-types';
import { createOperation } from './operation';
import { limitQuery, queryLimits } from './query-limits';

export interface ApolloServerOptions {
  schema: GraphQLSchema;
  executor: OperationExecutor;
  documents: DocumentCache;
  budget: CostBudget;
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
  budget,
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
      chargeTo(budget),
      runBy(executor, documents),
      translateErrors,
    ],
  });
}

/** Charges parsing and validating to the client. */
const chargeTo = (budget: CostBudget): ApolloServerPlugin<GraphqlContext> => ({
  requestDidStart: async ({ contextValue: { caller } }) => ({
    parsingDidStart: async () => asyncEnd(budget.start(caller)),
    validationDidStart: async () => asyncEnd(budget.start(caller)),
  }),
});

/** Messages in the language that the client asks for; Apollo formats errors without their request. */
const translateErrors: ApolloServerPlugin<GraphqlContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { body }, contextValue }) => {
      if (body.kind !== 'single' || !body.singleResult.errors) return;
      body.singleResult.errors = body.singleResult.errors.map((error) => translateError(error, contextValue));
    },
  }),
};

const asyncEnd = (end: () => void) => async () => end();

/** Hands every accepted document to the executor. */
const runBy = (executor: OperationExecutor, documents: DocumentCache): ApolloServerPlugin<GraphqlContext> => ({
  requestDidStart: async () => ({
    responseForOperation: async ({ source, document, operation: definition, request, contextValue }) => {
      if (!definition) return null; // Apollo reports that the name is unknown
      const operation = createOperation(document, definition);
      const isAuthenticated = contextValue.caller.principal !== null;
      documents.add({ text: source, document, operation, isAuthenticated });
      const { status, body } = await executor.answer(operation, request.variables, contextValue);
      return { http: { status, headers: new HeaderMap() }, body: { kind: 'single', singleResult: body } };
    },
  }),
});
