import { isPromise } from 'node:util/types';
import {
  defaultFieldResolver,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  locatedError,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import type { GraphqlContext } from './context';
import { type Operation, operationsOf } from './operation';

type Variables = Record<string, unknown>;
type Members = Record<string, unknown>;

/** What a run has completed, by its place in the document. */
type Completed = Map<Complete, Map<object, unknown>>;

/** Completes what a resolver has returned as graphql-js does, where that is no error. */
type Complete = (value: unknown, completed: Completed) => unknown;

interface RootField {
  key: string;
  definition: GraphQLField<unknown, unknown>;
  nodes: readonly FieldNode[];
  complete: Complete;
}

type DocumentInfo = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'rootValue' | 'operation' | 'parentType'>;

/** Thrown for what plans do not have, and for values that do not fit their types. */
class NotInPlan extends Error {}

const notInPlan = (): never => {
  throw new NotInPlan();
};

/**
 * A query that is prepared once, and runs with a fraction of the work of graphql-js: only its root
 * fields have resolvers, and of what they return each member is read as it is. It contains no code
 * made from the document, so that nothing in a document can become code.
 */
export class QueryPlan {
  private constructor(
    private readonly info: DocumentInfo,
    private readonly fields: readonly RootField[],
  ) {}

  /** @returns null for a mutation, and for a query that asks for more than plans have */
  static create(schema: GraphQLSchema, { document, name }: Operation): QueryPlan | null {
    const operation = operationsOf(document).find((it) => name === undefined || it.name?.value === name);
    const parentType = schema.getQueryType();
    if (operation?.operation !== OperationTypeNode.QUERY || !parentType) return null;
    const definitions = document.definitions.filter((it) => it.kind === Kind.FRAGMENT_DEFINITION);
    const fragments = Object.fromEntries(definitions.map((it) => [it.name.value, it]));
    try {
      const selected = fieldsOf(parentType, [operation.selectionSet], fragments);
      const fields = [...selected].map(([key, nodes]) => rootField(parentType, { key, nodes, fragments }));
      return new QueryPlan({ schema, fragments, rootValue: undefined, operation, parentType }, fields);
    } catch (error) {
      if (error instanceof NotInPlan) return null;
      throw error;
    }
  }

  /** @returns null where graphql-js has to execute the query, because a value does not fit its type */
  async run(variables: Variables | undefined, context: GraphqlContext): Promise<ExecutionResult | null> {
    const { schema, operation } = this.info;
    const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
    if (errors) return { errors };
    const failed: GraphQLError[] = [];
    const pending = this.fields.map((field) => this.resolve(field, { variableValues: coerced, context, failed }));
    const values = pending.length === 1 ? [await pending[0]] : await Promise.all(pending);
    const completed: Completed = new Map();
    const data: Members = {};
    try {
      for (const [i, { key, complete }] of this.fields.entries()) data[key] = complete(values[i], completed);
    } catch {
      return null;
    }
    return failed.length > 0 ? { errors: failed, data } : { data };
  }

  /** Null for a field that fails. */
  private async resolve(field: RootField, { variableValues, context, failed }: Request): Promise<unknown> {
    const { key, definition, nodes } = field;
    const { name: fieldName, type: returnType, resolve = defaultFieldResolver } = definition;
    const path = { prev: undefined, key, typename: this.info.parentType.name };
    try {
      const args = getArgumentValues(definition, nodes[0]!, variableValues);
      const info = { ...this.info, fieldName, returnType, fieldNodes: nodes, path, variableValues };
      return await resolve(undefined, args, context, info);
    } catch (error) {
      failed.push(locatedError(error, nodes, [key]));
      return null;
    }
  }
}

interface Request {
  variableValues: Variables;
  context: GraphqlContext;
  failed: GraphQLError[];
}

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

interface Place {
  fragments: Fragments;
  /** How many lists the value is in. */
  lists: number;
}

function rootField(
  type: GraphQLObjectType,
  { key, nodes, fragments }: { key: string; nodes: readonly FieldNode[]; fragments: Fragments },
): RootField {
  const definition = type.getFields()[nodes[0]!.name.value] ?? notInPlan();
  // the error of a field that must not be null would empty the whole answer
  if (isNonNullType(definition.type)) return notInPlan();
  return { key, definition, nodes, complete: completeOf(definition.type, nodes, { fragments, lists: 0 }) };
}

function completeOf(type: GraphQLOutputType, nodes: readonly FieldNode[], place: Place): Complete {
  if (isNonNullType(type)) {
    const complete = completeOf(type.ofType, nodes, place);
    return (value, completed) => complete(value ?? notInPlan(), completed);
  }
  if (isLeafType(type)) return (value) => (value == null ? null : (type.serialize(value) ?? notInPlan()));
  if (isListType(type)) return onceWithinLists(completeList(type.ofType, nodes, place), place.lists > 0);
  if (!isObjectType(type) || type.isTypeOf) return notInPlan();
  return onceWithinLists(completeObject(type, nodes, place), place.lists > 1);
}

function completeList(itemType: GraphQLOutputType, nodes: readonly FieldNode[], place: Place): Complete {
  const complete = completeOf(itemType, nodes, { ...place, lists: place.lists + 1 });
  return (value, completed) => {
    if (value == null) return null;
    if (!Array.isArray(value)) return notInPlan();
    return value.map((item) => complete(item, completed));
  };
}

function completeObject(type: GraphQLObjectType, nodes: readonly FieldNode[], place: Place): Complete {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const members = [...fieldsOf(type, sets, place.fragments)].map(([key, fieldNodes]) => {
    const name = fieldNodes[0]!.name.value;
    if (name === '__typename') return { key, name, complete: () => type.name };
    const field = type.getFields()[name] ?? notInPlan();
    const isPlain = field.resolve === undefined || field.resolve === defaultFieldResolver;
    return { key, name, complete: isPlain ? completeOf(field.type, fieldNodes, place) : notInPlan() };
  });
  return (value, completed) => {
    if (value == null) return null;
    if (typeof value !== 'object' || value instanceof Error || isPromise(value)) return notInPlan();
    const object: Members = {};
    for (const { key, name, complete } of members) object[key] = complete((value as Members)[name], completed);
    return object;
  };
}

/** What stands in a list in a list, such as the roles of users, is the same again and again. */
function onceWithinLists(complete: Complete, isWithinLists: boolean): Complete {
  if (!isWithinLists) return complete;
  return (value, completed) => {
    if (typeof value !== 'object' || value === null) return complete(value, completed);
    const known = completed.get(complete) ?? new Map<object, unknown>();
    if (known.size === 0) completed.set(complete, known);
    const found = known.get(value);
    if (found !== undefined) return found;
    const made = complete(value, completed);
    known.set(value, made);
    return made;
  };
}

/** The fields of selection sets by their key in the answer. */
function fieldsOf(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  fragments: Fragments,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<unknown>(); // a fragment counts once, or fragments of fragments would multiply
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.directives?.length) notInPlan();
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        if (key === '__proto__') notInPlan(); // setting it would set no member
        const nodes = fields.get(key);
        if (nodes) nodes.push(selection);
        else fields.set(key, [selection]);
      } else {
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection;
        const isOfType = (fragment?.typeCondition?.name.value ?? type.name) === type.name;
        if (!fragment || !isOfType) notInPlan();
        else if (!visited.has(fragment)) {
          visited.add(fragment);
          collect(fragment.selectionSet);
        }
      }
    }
  };
  sets.forEach(collect);
  return fields;
}
