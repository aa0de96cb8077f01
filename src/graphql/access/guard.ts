import util from 'node:util';
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import { deny, type IRules, rule, shield } from 'graphql-shield';
import { AppError, serviceUnavailable } from '../../errors/app-error';
import type { BuiltInPermission } from '../../security/scopes';
import type { GraphqlContext } from '../server/context';
import { normalizeId } from '../shared/scalars';
import { type Access, type Arguments, argumentAt, describeAccess, isPublic } from './access-rule';
import { type AccessTree, access } from './access-tree';

// graphql-shield 7.6 calls util.isUndefined, which Node 23 removed: its combined rules would deny everything
const legacyUtil = util as { isUndefined?: (value: unknown) => boolean };
legacyUtil.isUndefined ??= (value) => value === undefined;

/**
 * Decides access by principal and arguments alone.
 * @param args of a root field; of another field its object
 * @returns true, or the error for the client
 */
export function authorize(access: Access, args: Arguments, context: GraphqlContext): true | Error {
  if (isPublic(access, args)) return true;
  if (context.authenticationUnavailable !== undefined) return serviceUnavailable(context.authenticationUnavailable);
  const { principal, authenticationFailure } = context.caller;
  if (!principal) return new AppError('UNAUTHENTICATED', { reason: authenticationFailure ?? 'missing' });
  const missing = requiredScopes(access, args, principal.userId).find((scope) => !principal.has(scope));
  return missing === undefined || new AppError('FORBIDDEN', { needs: missing });
}

function requiredScopes(access: Access, args: Arguments, userId: string): readonly BuiltInPermission[] {
  switch (access.kind) {
    case 'scope':
      return [access.scope];
    case 'own-or-scope':
      return normalizeId(argumentAt(args, access.argument) ?? userId) === userId ? [] : [access.scope];
    case 'public-without':
      return access.scopes;
    default:
      return [];
  }
}

/**
 * Authenticates the token again before each mutation: the body may have come late, and the
 * mutations of a request run one after the other.
 */
async function reauthenticate(access: Access, { caller }: GraphqlContext): Promise<Error | undefined> {
  if (!caller.principal) return undefined;
  try {
    await caller.confirm?.();
  } catch (cause) {
    if (access.kind !== 'public') return serviceUnavailable(cause);
  }
  return undefined;
}

type Decide = (object: Arguments, args: Arguments, context: GraphqlContext) => unknown;

/**
 * Rules are not cached: a decision about the arguments of one field must not stand for the next
 * alias of the field, nor that about one object for the next.
 */
function shieldRules(tree: AccessTree): IRules {
  const decider = (type: string, access: Access): Decide => {
    if (type === 'Query') return (_object, args, context) => authorize(access, args, context);
    if (type !== 'Mutation') return (object, _args, context) => authorize(access, object, context);
    return async (_object, args, context) =>
      (await reauthenticate(access, context)) ?? authorize(access, args, context);
  };
  const rules = mapDecided(tree, (type, field, access) =>
    rule(`${type}.${field}`, { cache: 'no_cache' })(decider(type, access) as never),
  );
  const { Query, Mutation } = rules;
  return { ...rules, Query: { '*': deny, ...Query }, Mutation: { '*': deny, ...Mutation } } as IRules;
}

/**
 * Maps the fields that need a decision when they are resolved: not a part of an object, and not a
 * subscription, which needs one when it starts.
 */
function mapDecided<T>(tree: AccessTree, map: (type: string, field: string, access: Access) => T) {
  const types = Object.entries(tree).filter(([type]) => type !== 'Subscription');
  return Object.fromEntries(
    types.map(([type, fields]) => {
      const decided = Object.entries(fields).filter(([, { kind }]) => kind !== 'as-object');
      return [type, Object.fromEntries(decided.map(([field, access]) => [field, map(type, field, access)]))];
    }),
  );
}

/** TypeGraphQL's decorators have no place for these. */
const rootDescriptions = {
  Query: 'Everything that can be read.',
  Mutation: 'Everything that can be changed.',
  Subscription: 'Everything that can be watched, at /graphql/stream.',
} as const;

type Middleware = Record<string, Record<string, unknown>>;

/**
 * Puts the access tree before the schema and writes each field's access into its description. Only
 * the fields of the tree are wrapped: shield() would wrap every field of every type, which makes
 * lists seven times as expensive.
 * @throws Error when a field is missing in the schema or in the tree
 */
export function guard(schema: GraphQLSchema, tree: AccessTree = access): GraphQLSchema {
  const guarded = new Map(Object.values(schema.getTypeMap()).flatMap((type) => guardedFields(type)));
  const inTree = Object.entries(tree).flatMap(([type, fields]) => Object.keys(fields).map((f) => `${type}.${f}`));
  const stray = [...[...guarded.keys()].filter((f) => !inTree.includes(f)), ...inTree.filter((f) => !guarded.has(f))];
  if (stray.length > 0) throw new Error(`the access tree and the schema disagree on ${stray.join(', ')}`);
  for (const [name, field] of guarded) {
    const [type, member] = name.split('.') as [string, string];
    field.description = `${field.description}\n\n${describeAccess(tree[type]![member]!)}`;
  }
  for (const [type, description] of Object.entries(rootDescriptions)) {
    const root = schema.getType(type);
    if (root) root.description = description;
  }
  const generator = shield(shieldRules(tree), { allowExternalErrors: true }) as unknown as {
    generate(schema: GraphQLSchema): Middleware;
  };
  const generated = generator.generate(schema);
  const middleware = mapDecided(tree, (type, field) => generated[type]![field]);
  return applyMiddleware(schema, middleware as never) as GraphQLSchema;
}

/**
 * The fields that the tree has to list, as `Type.field`: root fields, and those that lead from an
 * object with an id to other objects. Payloads and connections show what their root field returned.
 */
function guardedFields(type: GraphQLNamedType): [string, GraphQLField<unknown, unknown>][] {
  if (!isObjectType(type) || isIntrospectionType(type)) return [];
  const fields = type.getFields();
  const isRoot = type.name in rootDescriptions;
  return Object.values(fields)
    .filter((field) => isRoot || ('id' in fields && isObjectType(getNamedType(field.type))))
    .map((field) => [`${type.name}.${field.name}`, field]);
}
