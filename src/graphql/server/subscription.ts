import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Logger } from 'pino';
import { AppError } from '../../errors/app-error';
import { isErrorCode } from '../../errors/catalogue';
import { access } from '../access/access-tree';
import { authorize } from '../access/guard';
import type { GraphqlContext } from './context';
import type { CostBudget } from './cost-budget';
import { toAppError } from './format-error';
import { createOperation, type Operation } from './operation';
import { requireAffordable } from './query-cost';
import { limitQuery, queryLimits } from './query-limits';

/** Reads the requests of streams: one subscription each, whose access is decided before it starts. */
export class SubscriptionParser {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly budget: CostBudget,
    private readonly logger: Logger,
  ) {}

  /**
   * @throws AppError RATE_LIMITED, BAD_REQUEST, GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED, UNAUTHENTICATED,
   *   FORBIDDEN, SERVICE_UNAVAILABLE, QUERY_TOO_COMPLEX
   */
  read(body: unknown, contextValue: GraphqlContext): ExecutionArgs {
    const { query, variables, operationName } = (body ?? {}) as Record<string, unknown>;
    if (typeof query !== 'string') throw new AppError('BAD_REQUEST', { detail: 'The body needs a "query"' });
    const retryAfter = this.budget.exhaustedFor(contextValue.caller);
    if (retryAfter !== null) throw new AppError('RATE_LIMITED', { retryAfter });
    const document = this.budget.measure(contextValue.caller, () => this.parse(query));
    const operation = getOperationAST(document, typeof operationName === 'string' ? operationName : null);
    if (operation?.operation !== 'subscription')
      throw new AppError('BAD_REQUEST', { detail: 'Streams are for subscriptions; send other operations to /graphql' });
    const [selection] = operation.selectionSet.selections;
    const field = selection?.kind === 'Field' ? selection.name.value : '';
    const rule =
      Object.hasOwn(access.Subscription, field) && access.Subscription[field as keyof typeof access.Subscription];
    if (!rule) throw new AppError('GRAPHQL_VALIDATION_FAILED');
    const decision = authorize(rule, {}, contextValue);
    if (decision !== true) throw toAppError(decision, this.logger);
    this.requireAffordable(createOperation(document, operation), variables as Record<string, unknown> | undefined);
    return {
      schema: this.schema,
      document,
      contextValue,
      operationName: operation.name?.value,
      variableValues: (variables ?? {}) as Record<string, unknown>,
    };
  }

  /** What every event costs. @throws AppError QUERY_TOO_COMPLEX */
  private requireAffordable(operation: Operation, variables: Record<string, unknown> | undefined): void {
    try {
      requireAffordable({ schema: this.schema, operation, variables });
    } catch (error) {
      if (error instanceof GraphQLError) throw new AppError('QUERY_TOO_COMPLEX', { detail: error.message });
      throw error;
    }
  }

  private parse(query: string): DocumentNode {
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: queryLimits.tokens });
    } catch {
      throw new AppError('GRAPHQL_PARSE_FAILED');
    }
    const [error]: readonly GraphQLError[] = validate(this.schema, document, [...specifiedRules, limitQuery]);
    if (error)
      throw new AppError(isErrorCode(error.extensions.code) ? error.extensions.code : 'GRAPHQL_VALIDATION_FAILED', {
        detail: error.message,
      });
    return document;
  }
}
