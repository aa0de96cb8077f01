import util from 'node:util';
import type { GraphQLSchema } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import { deny, type IRules, rule, shield } from 'graphql-shield';
import { AppError, serviceUnavailable } from '../../errors/app-error';
import type { BuiltInPermission } from '../../security/scopes';
import type { GraphqlContext } from '../server/context';
import { normalizeId } from '../shared/scalars';
import { type Access, type Arguments, argumentAt, describeAccess, isPublic } from './access-rule';
import { access } from './access-tree';

// graphql-shield 7.6 calls util.isUndefined, which Node 23 removed: its combined rules would deny everything
const legacyUtil = util as { isUndefined?: (value: unknown) => boolean };
legacyUtil.isUndefined ??= (value) => value === undefined;

type Tree = Record<'Query' | 'Mutation' | 'Subscription', Record<string, Access>>;

/**
 * Decides access by principal and arguments alone.
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

/**
 * Rules are not cached: a decision about the arguments of one field must not stand for the next
 * alias of the field.
 */
function shieldRules(tree: Tree): IRules {
  const rulesOf = (type: string, fields: Record<string, Access>) =>
    Object.fromEntries(
      Object.entries(fields).map(([field, access]) => [
        field,
        rule(`${type}.${field}`, { cache: 'no_cache' })(
          type === 'Mutation'
            ? async (_parent, args: Arguments, context: GraphqlContext) =>
                (await reauthenticate(access, context)) ?? authorize(access, args, context)
            : (_parent, args: Arguments, context: GraphqlContext) => authorize(access, args, context),
        ),
      ]),
    );
  return {
    Query: { '*': deny, ...rulesOf('Query', tree.Query) },
    Mutation: { '*': deny, ...rulesOf('Mutation', tree.Mutation) },
  } as IRules;
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
 * root fields are wrapped: shield() would wrap every field of every type, which makes lists seven
 * times as expensive.
 * @throws Error when a root field is missing in the schema or in the tree
 */
export function guard(schema: GraphQLSchema, tree: Tree = access): GraphQLSchema {
  for (const type of ['Query', 'Mutation', 'Subscription'] as const) {
    const fields = schema.getType(type) as ReturnType<GraphQLSchema['getQueryType']>;
    const inSchema = Object.keys(fields?.getFields() ?? {});
    const stray = [
      ...inSchema.filter((f) => !(f in tree[type])),
      ...Object.keys(tree[type]).filter((f) => !inSchema.includes(f)),
    ];
    if (stray.length > 0) throw new Error(`the access tree and the schema disagree on ${type}: ${stray.join(', ')}`);
    if (fields) fields.description = rootDescriptions[type];
    for (const field of Object.values(fields?.getFields() ?? {}))
      field.description = `${field.description}\n\n${describeAccess(tree[type][field.name]!)}`;
  }
  const generator = shield(shieldRules(tree), { allowExternalErrors: true }) as unknown as {
    generate(schema: GraphQLSchema): Middleware;
  };
  const generated = generator.generate(schema);
  return applyMiddleware(schema, { Query: generated.Query, Mutation: generated.Mutation } as never) as GraphQLSchema;
}
