import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import type { GraphqlContext } from './context';
import type { Operation } from './operation';
import { requireAffordable } from './query-cost';
import { QueryPlan } from './query-plan';

type Variables = Record<string, unknown> | undefined;

/** Runs an operation by its plan, where it has one, else by graphql-js. */
export class OperationRunner {
  private readonly plans = new WeakMap<Operation, QueryPlan | null>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** Errors are in the result; one that costs too much does not run. */
  run(operation: Operation, variables: Variables, context: GraphqlContext): Promise<ExecutionResult> | ExecutionResult {
    try {
      requireAffordable({ schema: this.schema, operation, variables });
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
    const plan = this.planOf(operation);
    return plan ? this.follow(plan, operation, variables, context) : this.interpret(operation, variables, context);
  }

  private planOf(operation: Operation): QueryPlan | null {
    const found = this.plans.get(operation);
    if (found !== undefined) return found;
    const plan = QueryPlan.create(this.schema, operation);
    this.plans.set(operation, plan);
    return plan;
  }

  private async follow(
    plan: QueryPlan,
    operation: Operation,
    variables: Variables,
    context: GraphqlContext,
  ): Promise<ExecutionResult> {
    const result = await plan.run(variables, context);
    if (result) return result;
    this.plans.set(operation, null); // its values will not fit the next time either
    return this.interpret(operation, variables, context);
  }

  private interpret({ document, name }: Operation, variableValues: Variables, contextValue: GraphqlContext) {
    return execute({ schema: this.schema, document, operationName: name, variableValues, contextValue }) as
      | Promise<ExecutionResult>
      | ExecutionResult;
  }
}
