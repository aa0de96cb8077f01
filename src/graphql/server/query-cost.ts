import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import {
  type ComplexityEstimator,
  fieldExtensionsEstimator,
  getComplexity,
  simpleEstimator,
} from 'graphql-query-complexity';
import type { Operation } from './operation';
import { queryLimits } from './query-limits';

interface Invocation {
  schema: GraphQLSchema;
  operation: Operation;
  variables: Record<string, unknown> | undefined;
}

/** The variables that a document's cost depends on, and the costs for their values. */
interface DocumentCosts {
  deciding: readonly string[];
  costs: Map<string, number>;
}

const known = new WeakMap<DocumentNode, DocumentCosts>();
/** A client that varies the values must not fill the memory. */
const MAX_COSTS = 20;
/** Page sizes and flags are short; longer values are not kept. */
const MAX_KEY_LENGTH = 200;

/**
 * Requires that the lists of an operation do not multiply beyond what one request may cost: a field
 * costs one, a page as much as all its rows.
 * @throws GraphQLError QUERY_TOO_COMPLEX, HTTP 400
 */
export function requireAffordable(invocation: Invocation): void {
  const cost = costOf(invocation) ?? 0;
  if (cost <= queryLimits.cost) return;
  const advice = 'ask for smaller pages or fewer fields';
  const message = `The operation costs ${cost} fields, and ${queryLimits.cost} are allowed: ${advice}`;
  throw new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX' } });
}

/** Null when the variables do not fit their types; execution reports that. */
function costOf(invocation: Invocation): number | null {
  const { deciding, costs } = costsOf(invocation);
  const key = cacheKey(deciding, invocation.variables ?? {});
  if (key === null) return measure(invocation);
  const cost = costs.get(key) ?? measure(invocation);
  if (cost !== null && costs.size < MAX_COSTS) costs.set(key, cost);
  return cost;
}

/** A variable that is left out has its default, one that is null has not. */
function cacheKey(deciding: readonly string[], variables: Record<string, unknown>): string | null {
  if (deciding.length === 0) return '';
  const values = deciding.map((name) => (Object.hasOwn(variables, name) ? [variables[name]] : []));
  // deeply nested values would overflow the stack here
  if (values.some(([value]) => !isShallow(value))) return null;
  const key = JSON.stringify(values);
  return key.length > MAX_KEY_LENGTH ? null : key;
}

const isPrimitive = (value: unknown): boolean => typeof value !== 'object' || value === null;
const isShallow = (value: unknown): boolean => isPrimitive(value) || Object.values(value as object).every(isPrimitive);

function measure({ schema, operation: { document, name }, variables }: Invocation): number | null {
  try {
    const estimators = estimatorsOf(schema);
    return getComplexity({ schema, query: document, operationName: name, variables, estimators });
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

function costsOf({ schema, operation: { document } }: Invocation): DocumentCosts {
  const found = known.get(document) ?? { deciding: decidingVariables(schema, document), costs: new Map() };
  known.set(document, found);
  return found;
}

/** The variables in arguments of fields whose cost is computed, and in directives: no others change the sum. */
function decidingVariables(schema: GraphQLSchema, document: DocumentNode): string[] {
  const names = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  let depth = 0;
  const isComputed = () => typeof typeInfo.getFieldDef()?.extensions.complexity === 'function';
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Argument: { enter: () => void (isComputed() && depth++), leave: () => void (isComputed() && depth--) },
      Directive: { enter: () => void depth++, leave: () => void depth-- },
      Variable: ({ name }) => void (depth > 0 && names.add(name.value)),
    }),
  );
  return [...names];
}

const estimators = new WeakMap<GraphQLSchema, ComplexityEstimator[]>();

function estimatorsOf(schema: GraphQLSchema): ComplexityEstimator[] {
  const found = estimators.get(schema) ?? [
    introspectionEstimator(schema),
    fieldExtensionsEstimator(),
    simpleEstimator({ defaultComplexity: 1 }),
  ];
  estimators.set(schema, found);
  return found;
}

/** A list of the introspection costs as many items as it has in this schema on average. */
function introspectionEstimator(schema: GraphQLSchema): ComplexityEstimator {
  const types = Object.values(schema.getTypeMap());
  const fields = types.filter(isObjectType).map((type) => Object.values(type.getFields()));
  const sizes: Record<string, number> = {
    types: types.length,
    fields: average(fields.map(({ length }) => length)),
    args: average(fields.flat().map(({ args }) => args.length)),
    inputFields: average(types.filter(isInputObjectType).map((type) => Object.keys(type.getFields()).length)),
    enumValues: average(types.filter(isEnumType).map((type) => type.getValues().length)),
    directives: schema.getDirectives().length,
  };
  return ({ field, type, childComplexity }) =>
    type && isIntrospectionType(type) ? 1 + (sizes[field.name] ?? 1) * childComplexity : undefined;
}

const average = (counts: readonly number[]): number =>
  Math.ceil(counts.reduce((sum, count) => sum + count, 0) / counts.length);
