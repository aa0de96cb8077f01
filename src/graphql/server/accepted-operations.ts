import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { GraphqlContext } from './context';
import { formatError } from './format-error';
import { requireAffordable } from './query-cost';

interface Accepted {
  document: DocumentNode;
  operationName: string | undefined;
}

/**
 * A body of which nothing has to be refused: what it asks for is known, and it asks for nothing
 * else.
 */
interface Request extends Accepted {
  variables: Record<string, unknown> | undefined;
}

/**
 * Runs what Apollo Server has parsed, validated and accepted before, under the very same text,
 * without going through its pipeline again, which costs more than the work itself. Whatever is not
 * as usual is left to Apollo: a text that it has not seen, documents of several operations,
 * persisted queries, batches, variables that do not fit, and every refusal. What
 * depends on more than the text is judged each time: the cost here, access and limits where they
 * are for everybody, in the schema.
 */
export class AcceptedOperations {
  private readonly accepted = new LRUCache<string, Accepted>({
    max: 2000,
    maxSize: 4_000_000,
    sizeCalculation: (_accepted, text) => text.length + 1,
  });

  /** Tells what Apollo accepts. */
  readonly plugin: ApolloServerPlugin<GraphqlContext> = {
    requestDidStart: async () => ({
      didResolveOperation: async ({ source, document, operationName }) =>
        this.accept(source, document, operationName ?? undefined),
    }),
  };

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly logger: Logger,
  ) {}

  private accept(text: string, document: DocumentNode, operationName: string | undefined): void {
    const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    if (operations.length === 1) this.accepted.set(text, { document, operationName });
  }

  /**
   * The answer to the body of a POST, as JSON; null when it is for Apollo to answer, and nothing
   * has been run.
   */
  async answer(body: unknown, contextOf: () => Promise<GraphqlContext>): Promise<string | null> {
    const request = this.read(body);
    if (!request || !this.isAffordable(request)) return null;
    const { data, errors } = await execute({
      schema: this.schema,
      document: request.document,
      operationName: request.operationName,
      variableValues: request.variables,
      contextValue: await contextOf(),
    });
    if (data === undefined) return null; // the variables do not fit: no resolver was called
    return `${JSON.stringify(errors ? { errors: errors.map((error) => this.format(error)), data } : { data })}\n`;
  }

  private read(body: unknown): Request | null {
    if (typeof body !== 'object' || body === null) return null;
    const { query, variables, operationName, extensions } = body as Record<string, unknown>;
    const accepted = typeof query === 'string' ? this.accepted.get(query) : undefined;
    if (!accepted) return null;
    if (!isMembersOrMissing(variables) || !isMembersOrMissing(extensions) || extensions?.persistedQuery) return null;
    if (operationName !== undefined && operationName !== null && operationName !== accepted.operationName) return null;
    return { ...accepted, variables: variables ?? undefined };
  }

  private isAffordable({ document, operationName, variables }: Request): boolean {
    try {
      requireAffordable({ schema: this.schema, document, operationName, variables });
      return true;
    } catch {
      return false;
    }
  }

  /** As Apollo does it before it asks formatError. */
  private format(error: GraphQLError): GraphQLFormattedError {
    const { code = 'INTERNAL_SERVER_ERROR', ...extensions } = error.extensions;
    return formatError({ ...error.toJSON(), extensions: { ...extensions, code } }, error, this.logger);
  }
}

const isMembersOrMissing = (value: unknown): value is Record<string, unknown> | null | undefined =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));
