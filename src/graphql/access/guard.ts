import util from 'node:util';
import type { GraphQLSchema } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import { deny, type IRules, rule, shield } from 'graphql-shield';
import { AppError, serviceUnavailable } from '../../errors/app-error';
import { signedIn } from '../../services/caller';
import type { GraphqlContext } from '../server/context';
import { type Access, describeAccess } from './access-rule';
import { access } from './access-tree';

// graphql-shield 7.6 calls util.isUndefined, which Node 23 removed: without it its combined rules
// refuse everybody
const legacyUtil = util as { isUndefined?: (value: unknown) => boolean };
legacyUtil.isUndefined ??= (value) => value === undefined;

type Arguments = Record<string, unknown>;
type Tree = Record<'Query' | 'Mutation', Record<string, Access>>;

/** True, or the error that the client gets. Looks at principal and arguments only. */
export function authorize(of: Access, args: Arguments, context: GraphqlContext): true | Error {
  if (of.kind === 'anybody') return true;
  if (context.authenticationUnavailable !== undefined) return serviceUnavailable(context.authenticationUnavailable);
  try {
    const principal = signedIn(context.caller);
    if (of.kind === 'signed-in' || principal.has(of.scope)) return true;
    if (of.kind === 'own-or-scope' && isOwn(args, of.argument, principal.userId)) return true;
    return new AppError('FORBIDDEN', { needs: of.scope });
  } catch (error) {
    return error as AppError;
  }
}

/**
 * The mutations of a request run one after the other, and its body may have come late: each asks
 * again who this is.
 */
async function reauthenticate(of: Access, { caller }: GraphqlContext): Promise<Error | undefined> {
  if (!caller.principal) return undefined;
  try {
    await caller.confirm?.();
  } catch (cause) {
    if (of.kind !== 'anybody') return serviceUnavailable(cause);
  }
  return undefined;
}

function isOwn(args: Arguments, path: string, userId: string): boolean {
  const value = path.split('.').reduce<unknown>((at, key) => (at as Arguments | null | undefined)?.[key], args);
  return value === undefined || value === null || value === userId;
}

/**
 * no_cache: a cached verdict on one field's arguments would let the next alias of the field
 * through.
 */
function shieldRules(tree: Tree): IRules {
  const rulesOf = (type: string, fields: Record<string, Access>) =>
    Object.fromEntries(
      Object.entries(fields).map(([field, of]) => [
        field,
        rule(`${type}.${field}`, { cache: 'no_cache' })(
          type === 'Mutation'
            ? async (_parent, args: Arguments, context: GraphqlContext) =>
                (await reauthenticate(of, context)) ?? authorize(of, args, context)
            : (_parent, args: Arguments, context: GraphqlContext) => authorize(of, args, context),
        ),
      ]),
    );
  return {
    Query: { '*': deny, ...rulesOf('Query', tree.Query) },
    Mutation: { '*': deny, ...rulesOf('Mutation', tree.Mutation) },
  } as IRules;
}

/** The decorators have no place for these. */
const rootDescriptions = { Query: 'What can be read.', Mutation: 'What can be done.' } as const;

type Middleware = Record<string, Record<string, unknown>>;

/**
 * Puts the access tree before the schema and writes each field's needs into its description.
 * shield() alone would wrap every field of every type, at seven times the cost of a list: only root
 * fields keep their wrapper, because only they have rules.
 * @throws Error when a root field is in the schema and not in the tree, or the other way round
 */
export function guard(schema: GraphQLSchema, tree: Tree = access): GraphQLSchema {
  for (const type of ['Query', 'Mutation'] as const) {
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
