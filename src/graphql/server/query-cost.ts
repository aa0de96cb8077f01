import { type DocumentNode, GraphQLError, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { fieldExtensionsEstimator, getComplexity, simpleEstimator } from 'graphql-query-complexity';
import { queryLimits } from './query-limits';

const estimators = [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })];

interface Request {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string;
  variables?: Record<string, unknown>;
}

/**
 * What is known of a document: the variables that its cost depends on, and the cost for their
 * values.
 */
interface Known {
  deciding: readonly string[];
  costs: Map<string, number>;
}

const known = new WeakMap<DocumentNode, Known>();
/** A client that sends other values each time gains nothing here, and must not fill the memory. */
const KNOWN_COSTS = 50;
/** Page sizes and flags are short; what is longer is a client's text and is not kept. */
const KEY_MAX = 200;

/**
 * What an operation costs: a field costs one, a page as much as all its rows. Null when its
 * variables do not fit.
 */
function costOf(request: Request): number | null {
  const of = knownOf(request);
  const given = request.variables ?? {};
  // a variable that is left out has its default, one that is null has not
  const key = JSON.stringify([
    request.operationName,
    ...of.deciding.map((name) => (Object.hasOwn(given, name) ? [given[name]] : [])),
  ]);
  if (key.length > KEY_MAX) return measure(request);
  const cost = of.costs.get(key) ?? measure(request);
  // null is not kept: other values may fit
  if (cost !== null && of.costs.size < KNOWN_COSTS) of.costs.set(key, cost);
  return cost;
}

function measure({ schema, document, operationName, variables }: Request): number | null {
  try {
    return getComplexity({ schema, query: document, operationName, variables, estimators });
  } catch (error) {
    if (error instanceof GraphQLError) return null; // execution will say what is wrong with them
    throw error;
  }
}

function knownOf({ schema, document }: Request): Known {
  const found = known.get(document) ?? { deciding: decidingVariables(schema, document), costs: new Map() };
  known.set(document, found);
  return found;
}

/**
 * Variables in the arguments of fields whose cost is computed, and in directives: nothing else can
 * change the sum.
 */
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

/**
 * Refuses an operation whose lists multiply beyond what one request may cost.
 * @throws GraphQLError QUERY_TOO_COMPLEX, HTTP 400
 */
export function requireAffordable(request: Request): void {
  const cost = costOf(request) ?? 0;
  if (cost <= queryLimits.cost) return;
  const message = `The operation costs ${cost} fields, and ${queryLimits.cost} are allowed: ask for smaller pages or fewer fields`;
  throw new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400 } } });
}
