import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import type { Logger } from 'pino';
import { AppError } from '../../errors/app-error';
import type { Access } from '../../graphql/access/access-rule';
import { access } from '../../graphql/access/access-tree';
import { authorize } from '../../graphql/access/guard';
import type { GraphqlContext } from '../../graphql/server/context';
import { toAppError, unwrap, withoutValues } from '../../graphql/server/format-error';

/**
 * Root fields are nullable so that an error empties one of them alone; without an error they are
 * there.
 */
export type Answered<R> = { [K in keyof R]: NonNullable<R[K]> };

/**
 * A document of `schema/operations`, which is checked against the schema where it is generated and
 * by a test, not at each start.
 */
export interface Operation<R = unknown, V = Record<string, unknown>> {
  readonly document: TypedDocumentNode<R, V>;
  /** What the access tree says of its root field. */
  readonly access: Access;
  /** Argument of the root field → variable. */
  readonly argumentNames: readonly (readonly [string, string])[];
}

/** @throws Error when the document does not ask for exactly one root field */
export function readOperation<R, V>(document: TypedDocumentNode<R, V>): Operation<R, V> {
  const definition = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fields = (definition?.selectionSet.selections ?? []).filter(
    (node): node is FieldNode => node.kind === Kind.FIELD,
  );
  const [field] = fields;
  if (!definition || !field || fields.length > 1)
    throw new Error('a row needs a document that asks for exactly one root field');
  const tree: Record<string, Access> = definition.operation === 'query' ? access.Query : access.Mutation;
  const argumentNames = (field.arguments ?? []).flatMap(({ name, value }) =>
    value.kind === Kind.VARIABLE ? [[name.value, value.name.value] as const] : [],
  );
  return { document, access: tree[field.name.value]!, argumentNames };
}

/**
 * Runs the shared documents in this process: through the same schema, access tree and error masking
 * as `/graphql`.
 */
export class OperationRunner {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly logger: Logger,
  ) {}

  /**
   * Who may not run the operation hears it before anything else of his request is looked at; the
   * schema asks again when it runs.
   * @returns AppError UNAUTHENTICATED, FORBIDDEN or SERVICE_UNAVAILABLE, or null
   */
  refusal<V>(operation: Operation<unknown, V>, variables: () => V, context: GraphqlContext): AppError | null {
    if (operation.access.kind === 'anybody') return null;
    const given = operation.access.kind === 'own-or-scope' ? (variables() as Record<string, unknown>) : {};
    const args = Object.fromEntries(operation.argumentNames.map(([argument, variable]) => [argument, given[variable]]));
    const verdict = authorize(operation.access, args, context);
    return verdict === true ? null : toAppError(verdict, this.logger);
  }

  /** @throws AppError: what the operation says, or what an unexpected error is masked as */
  async run<R, V>(operation: Operation<R, V>, variables: V, context: GraphqlContext): Promise<Answered<R>> {
    const result = (await execute({
      schema: this.schema,
      document: operation.document as DocumentNode,
      contextValue: context,
      variableValues: variables as Record<string, unknown>,
    })) as ExecutionResult<Answered<R>>;
    if (result.errors?.[0]) throw this.failure(result.errors[0], result);
    return result.data!;
  }

  private failure(error: GraphQLError, result: ExecutionResult): AppError {
    const thrown = unwrap(error);
    // nothing ran: the variables do not fit their types
    if (thrown instanceof GraphQLError && result.data === undefined)
      return new AppError('BAD_USER_INPUT', { detail: withoutValues(thrown.message) });
    return toAppError(thrown, this.logger);
  }
}
