import { type ExecutionResult, type FieldNode, type GraphQLFormattedError, type GraphQLSchema, Kind } from 'graphql';
import type { Logger } from 'pino';
import { AppError } from '../../errors/app-error';
import { errorCatalogue, isErrorCode } from '../../errors/catalogue';
import { limitRefusals, refusals as refusalCount } from '../../observability/metrics/metrics';
import { operationMeter } from '../../observability/metrics/operation-meter';
import { currentTracing } from '../../observability/tracing/tracing';
import type { RefusalKind, RefusalLog } from '../../services/audit/refusal-log';
import { authorize } from '../access/guard';
import type { GraphqlContext } from './context';
import type { CostBudget } from './cost-budget';
import { formatExecutionError, toAppError } from './format-error';
import { dropUndeclaredVariables, type Operation, type SharedOperation } from './operation';
import { OperationRunner } from './operation-runner';

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

export interface ExecutorOptions {
  schema: GraphQLSchema;
  /** Limits what operations cost for clients without a token. */
  budget: CostBudget;
  refusals: RefusalLog;
  logger: Logger;
}

/**
 * Runs every operation, of `/graphql` and of the REST contracts: cost, access, execution and error
 * formatting are decided here. Access is part of the schema, which `guard` wraps.
 */
export class OperationExecutor {
  private readonly runner: OperationRunner;
  private readonly budget: CostBudget;
  private readonly refusals: RefusalLog;
  private readonly logger: Logger;

  constructor({ schema, budget, refusals, logger }: ExecutorOptions) {
    this.runner = new OperationRunner(schema);
    this.budget = budget;
    this.refusals = refusals;
    this.logger = logger;
  }

  /**
   * Admits a request of `/graphql` before its document is read.
   * @throws AppError RATE_LIMITED when the client has used up what documents may cost without a token
   */
  admit(context: GraphqlContext): void {
    const retryAfter = this.budget.exhaustedFor(context.caller);
    if (retryAfter === null) return;
    const error = new AppError('RATE_LIMITED', { retryAfter });
    limitRefusals.inc({ limit: 'graphql:cost' });
    this.recordRefusal(error, 'graphql', context);
    throw error;
  }

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
    const startedAt = performance.now();
    if (variables) dropUndeclaredVariables(operation, variables);
    const { data, errors } = await this.execute(operation, variables, context);
    const body = errors
      ? { errors: errors.map((error) => formatExecutionError(error, this.logger, context)), data }
      : { data };
    this.count(operation, context, startedAt, body.errors?.[0]?.extensions?.code);
    return { status: data === undefined ? 400 : 200, body };
  }

  /**
   * Runs an operation for a REST contract.
   * @throws AppError the operation's first error; an unexpected one is masked
   */
  async run<R, V>(operation: SharedOperation<R, V>, variables: V, context: GraphqlContext): Promise<Answered<R>> {
    const startedAt = performance.now();
    const { data, errors } = await this.execute(operation, variables as Record<string, unknown>, context);
    const error = errors?.[0] && toAppError(errors[0], this.logger);
    this.count(operation, context, startedAt, error?.code);
    if (error) throw error;
    return data as Answered<R>;
  }

  /** @param code of the first error; none when there is no error */
  private count(operation: Operation, { caller }: GraphqlContext, startedAt: number, code?: unknown): void {
    const { name } = caller.channel;
    if (operation.meter?.channel !== name) operation.meter = operationMeter(name, operation.label);
    if (code === undefined) operation.meter.succeeded(startedAt);
    else operation.meter.failed(startedAt, isErrorCode(code) ? errorCatalogue[code].status : 500);
  }

  private execute(
    operation: Operation,
    variables: Record<string, unknown> | undefined,
    context: GraphqlContext,
  ): Promise<ExecutionResult> {
    const tracing = currentTracing();
    if (!tracing) return this.executeNow(operation, variables, context);
    const { type, label } = operation;
    const attributes = { 'graphql.operation.type': type, 'identity.channel': context.caller.channel.name };
    return tracing.run({ name: `${type} ${label}`, kind: 'internal', attributes }, () =>
      this.executeNow(operation, variables, context),
    );
  }

  private async executeNow(
    operation: Operation,
    variables: Record<string, unknown> | undefined,
    contextValue: GraphqlContext,
  ): Promise<ExecutionResult> {
    const result = await this.budget.charge(contextValue.caller, operation, () =>
      this.runner.run(operation, variables, contextValue),
    );
    const failed = new Map<FieldNode, AppError>(); // a field of many rows is refused once
    for (const { originalError, nodes } of result.errors ?? []) {
      const field = nodes?.[0];
      if (originalError instanceof AppError && field?.kind === Kind.FIELD) failed.set(field, originalError);
    }
    for (const [field, error] of failed) this.recordRefusal(error, field.name.value, contextValue);
    return result;
  }

  private recordRefusal({ code, params, account }: AppError, operation: string, { caller }: GraphqlContext): void {
    if (errorCatalogue[code].status < 500) refusalCount.inc({ channel: caller.channel.name, code });
    const kind = REFUSALS.get(code);
    if (!kind || params.reason === 'missing') return; // a request without a token is no attempt
    this.refusals.record(caller, {
      kind,
      operation,
      ...(account && { account }),
      ...(params.needs !== undefined && { detail: { needs: String(params.needs) } }),
    });
  }
}
