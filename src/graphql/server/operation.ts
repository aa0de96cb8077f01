import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type { OperationMeter } from '../../observability/metrics/operation-meter';
import type { Access } from '../access/access-rule';
import { access } from '../access/access-tree';

/** An operation of a document that has been parsed and validated. */
export interface Operation {
  readonly document: DocumentNode;
  readonly name: string | undefined;
  /** What metrics and spans call it: its root field, never the name that a client gave it. */
  readonly label: string;
  readonly type: OperationDefinitionNode['operation'];
  /** Names of the variables that the operation declares. */
  readonly variableNames: ReadonlySet<string>;
  /** Counts its runs on the channel that it was last used on. */
  meter?: OperationMeter;
  /** How many of its next runs are measured, because it was seen to occupy the process for long. */
  runsToMeasure?: number;
}

export function createOperation(document: DocumentNode, definition: OperationDefinitionNode): Operation {
  const variableNames = new Set(definition.variableDefinitions?.map(({ variable }) => variable.name.value));
  const label = labelOf(document, definition);
  return { document, name: definition.name?.value, label, type: definition.operation, variableNames };
}

const rootFields = new Set(
  [access.Query, access.Mutation, access.Subscription].flatMap((fields) => Object.keys(fields)),
);

/** The one root field of an operation, `several`, or `introspection`. */
function labelOf(document: DocumentNode, { selectionSet }: OperationDefinitionNode): string {
  const [label = 'other', ...others] = new Set(
    [...fieldsOf(selectionSet, document)].map((name) => (name.startsWith('__') ? 'introspection' : name)),
  );
  if (others.length > 0) return 'several';
  return label === 'introspection' || rootFields.has(label) ? label : 'other';
}

/** With those of its fragments, each of which counts once: fragments of fragments would multiply. */
function* fieldsOf(
  { selections }: SelectionSetNode,
  document: DocumentNode,
  visited = new Set<string>(),
): Generator<string> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) yield selection.name.value;
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* fieldsOf(selection.selectionSet, document, visited);
    else if (!visited.has(selection.name.value)) {
      visited.add(selection.name.value);
      for (const definition of document.definitions)
        if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value)
          yield* fieldsOf(definition.selectionSet, document, visited);
    }
  }
}

/** Deletes what the operation does not declare, so that nothing holds it while the operation runs. */
export function dropUndeclaredVariables({ variableNames }: Operation, variables: Record<string, unknown>): void {
  for (const name of Object.keys(variables)) if (!variableNames.has(name)) delete variables[name];
}

/** An operation of `schema/operations`: one root field, whose access is known before it runs. */
export interface SharedOperation<R = unknown, V = Record<string, unknown>> extends Operation {
  readonly document: TypedDocumentNode<R, V>;
  /** Name of its root field. */
  readonly field: string;
  readonly access: Access;
  /** Argument of the root field → variable. */
  readonly argumentNames: readonly (readonly [string, string])[];
}

/**
 * Reads a generated document, which the build and a test check against the schema.
 * @throws Error when the document does not ask for exactly one root field
 */
export function readOperation<R, V>(document: TypedDocumentNode<R, V>): SharedOperation<R, V> {
  const [definition] = operationsOf(document);
  const fields = (definition?.selectionSet.selections ?? []).filter(
    (node): node is FieldNode => node.kind === Kind.FIELD,
  );
  const [field] = fields;
  if (!definition || !field || fields.length > 1)
    throw new Error('a shared document must ask for exactly one root field');
  const tree: Record<string, Access> = definition.operation === 'query' ? access.Query : access.Mutation;
  const argumentNames = (field.arguments ?? []).flatMap(({ name, value }) =>
    value.kind === Kind.VARIABLE ? [[name.value, value.name.value] as const] : [],
  );
  return {
    ...createOperation(document, definition),
    document,
    field: field.name.value,
    access: tree[field.name.value]!,
    argumentNames,
  };
}

export const operationsOf = ({ definitions }: DocumentNode): OperationDefinitionNode[] =>
  definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
