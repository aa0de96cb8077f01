import {
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import type { Logger } from 'pino';
import { AppError } from '../../errors/app-error';
import type { RefusalKind, RefusalLog } from '../../services/audit/refusal-log';
import { authorize } from '../access/guard';
import type { GraphqlContext } from './context';
import { formatExecutionError, toAppError } from './format-error';
import type { Operation, SharedOperation } from './operation';
import { requireAffordable } from './query-cost';

/** Root fields are nullable, so that an error empties one of them alone; without errors all are there. */
export type Answered<R> = { [K in keyof R]: NonNullable<R[K]> };

/** The answer of an operation as GraphQL over HTTP has it. */
export interface GraphqlAnswer {
  /** 400 when nothing ran, because the variables do not fit or the operation costs too much. */
  readonly status: 200 | 400;
  readonly body: { errors?: readonly GraphQLFormattedError[]; data?: Record<string, unknown> | null };
}

/** The errors that the security history holds. */
const REFUSALS = new Map<string, RefusalKind>([
  ['FORBIDDEN', 'access.denied'],
  ['UNAUTHENTICATED', 'token.rejected'],
  ['RATE_LIMITED', 'limit.exceeded'],
]);

/**
 * Runs every operation, of `/graphql` and of the REST contracts: cost, access, execution and error
 * formatting are decided here. Access is part of the schema, which `guard` wraps.
 */
export class OperationExecutor {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly logger: Logger,
    private readonly refusals: RefusalLog,
  ) {}

  /**
   * Decides access before the body of a request is read. The schema decides it again when the
   * operation runs.
   * @param variables those that access depends on
   * @throws AppError UNAUTHENTICATED, FORBIDDEN, SERVICE_UNAVAILABLE
   */
  authorize(operation: SharedOperation, variables: Record<string, unknown>, context: GraphqlContext): void {
    const args = Object.fromEntries(operation.argumentNames.map(([name, variable]) => [name, variables[variable]]));
    const decision = authorize(operation.access, args, context);
    if (decision === true) return;
    const error = toAppError(decision, this.logger);
    this.recordRefusal(error, operation.field, context);
    throw error;
  }

  /** Runs an operation for a client of `/graphql`; errors are in the answer. */
  async answer(
    operation: Operation,
    variables: Record<string, unknown> | undefined,
    context: GraphqlContext,
  ): Promise<GraphqlAnswer> {
    const { data, errors } = await this.execute(operation, variables, context);
    const body = errors ? { errors: errors.map((error) => formatExecutionError(error, this.logger)), data } : { data };
    return { status: data === undefined ? 400 : 200, body };
  }

  /**
   * Runs an operation for a REST contract.
   * @throws AppError the operation's first error; an unexpected one is masked
   */
  async run<R, V>(operation: SharedOperation<R, V>, variables: V, context: GraphqlContext): Promise<Answered<R>> {
    const { data, errors } = await this.execute(operation, variables as Record<string, unknown>, context);
    if (errors?.[0]) throw toAppError(errors[0], this.logger);
    return data as Answered<R>;
  }

  private async execute(
    operation: Operation,
    variables: Record<string, unknown> | undefined,
    contextValue: GraphqlContext,
  ): Promise<ExecutionResult> {
    const schema = this.schema;
    const { document, name: operationName } = operation;
    try {
      requireAffordable({ schema, document, operationName, variables });
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
    const result = await execute({ schema, document, operationName, variableValues: variables, contextValue });
    for (const { originalError, nodes } of result.errors ?? []) {
      const field = nodes?.[0];
      if (originalError instanceof AppError && field?.kind === Kind.FIELD)
        this.recordRefusal(originalError, field.name.value, contextValue);
    }
    return result;
  }

  private recordRefusal({ code, params }: AppError, operation: string, { caller }: GraphqlContext): void {
    const kind = REFUSALS.get(code);
    if (!kind || params.reason === 'missing') return; // a request without a token is no attempt
    this.refusals.record(caller, {
      kind,
      operation,
      ...(params.needs !== undefined && { detail: { needs: String(params.needs) } }),
    });
  }
}
