import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** A well-formed id that belongs to no user. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';

export interface RootField {
  kind: 'query' | 'mutation';
  name: string;
  field: GraphQLField<unknown, unknown>;
}

export function rootFields(schema: GraphQLSchema): RootField[] {
  const of = (kind: RootField['kind'], type: ReturnType<GraphQLSchema['getQueryType']>) =>
    Object.values(type?.getFields() ?? {}).map((field) => ({ kind, name: field.name, field }));
  return [...of('query', schema.getQueryType()), ...of('mutation', schema.getMutationType())];
}

/**
 * The shortest operation that is valid for a root field. Arguments that may be left out are left
 * out, unless `given` names them; where it does, it may be deep: `{ input: { id } }` lies over what
 * is made up.
 */
export function minimalOperation(
  { kind, name, field }: RootField,
  given: Record<string, unknown> = {},
): { query: string; variables: Record<string, unknown> } {
  const used = field.args.filter((arg) => isRequiredArgument(arg) || arg.name in given);
  const variables = Object.fromEntries(used.map((arg) => [arg.name, over(valueFor(arg.type), given[arg.name])]));
  const declared = used.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = used.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  const query = `${kind}${declared && `(${declared})`} { ${name}${passed && `(${passed})`}${selection} }`;
  return { query, variables };
}

/** A value that the type accepts, of as few members as it allows. */
export function valueFor(type: GraphQLInputType, text = 'x'): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType, text);
  if (isListType(type)) return [valueFor(type.ofType, text)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type))
    return { ID: NOBODY, Int: 1, Float: 1, Boolean: true }[(type as GraphQLNamedType).name] ?? text;
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(required.map((member) => [member.name, valueFor(member.type, text)]));
}

function over(made: unknown, given: unknown): unknown {
  if (given === undefined) return made;
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.assign({}, made, given) : given;
}
