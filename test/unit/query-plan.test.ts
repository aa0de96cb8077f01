import { buildSchema, execute, GraphQLError, type GraphQLObjectType, parse } from 'graphql';
import type { GraphqlContext } from '../../src/graphql/server/context';
import { createOperation, operationsOf } from '../../src/graphql/server/operation';
import { QueryPlan } from '../../src/graphql/server/query-plan';

const schema = buildSchema(`
  type Query {
    shops(first: Int = 2, named: String): [Shop!]
    shop(id: ID!): Shop
    open: Boolean
    required: Int!
    hours: [[Int]]
  }
  type Mutation { close: Boolean }
  enum Size { SMALL LARGE }
  type Shop { id: ID!  name: String!  note: String  size: Size  owner: Person  goods: [Good!]!  branches: [Shop] }
  type Person { name: String!  shop: Shop }
  type Good { name: String!  price: Float  tags: [String!]  makers: [Person!] }
`);

const maker = { name: 'Mai' };
const pen = { name: 'pen', price: 1.5, tags: ['blue', 'new'], makers: [maker, maker] };
const cup = { name: 'cup', price: null, tags: [], makers: null };
const goods = [pen, cup, pen];
const first = { id: '1', name: 'A', note: null, size: 'LARGE', owner: { name: 'An' }, goods, branches: [null] };
const second = { id: 2, name: 'B', size: 'SMALL', owner: null, goods, branches: [first] };
const resolvers: Record<string, (args: Record<string, unknown>) => unknown> = {
  shops: async ({ first: size, named }) =>
    [first, second].filter(({ name }) => named == null || name === named).slice(0, size as number),
  shop: ({ id }) => {
    if (id === 'gone') throw new Error('there is no such shop');
    if (id === 'refused') return Promise.reject(new GraphQLError('refused', { extensions: { code: 'FORBIDDEN' } }));
    if (id === 'nameless') return { ...first, name: null };
    if (id === 'unsized') return { ...first, size: 'MEDIUM' };
    if (id === 'failing') return { ...first, owner: new Error('the owner is not known') };
    if (id === 'late') return { ...first, owner: Promise.resolve({ name: 'Late' }) };
    if (id === 'called') return { ...first, note: () => 'made when it is read' };
    return id === '1' ? first : null;
  },
  open: () => true,
  required: () => 1,
  hours: () => [[8, 12], null, [13]],
};
for (const [name, resolve] of Object.entries(resolvers))
  schema.getQueryType()!.getFields()[name]!.resolve = (_root, args) => resolve(args);

const plan = (text: string) => {
  const document = parse(text);
  return QueryPlan.create(schema, createOperation(document, operationsOf(document)[0]!));
};
const context = {} as GraphqlContext;

/** What graphql-js answers, as it is sent. */
const interpreted = async (text: string, variables = {}) =>
  JSON.stringify(await execute({ schema, document: parse(text), variableValues: variables }));
const planned = async (text: string, variables = {}) => JSON.stringify(await plan(text)!.run(variables, context));

test.each([
  ['members, nulls and lists', '{ shops { id name note size goods { name price tags } branches { name } } }'],
  ['aliases, in the order of the document', '{ b: shop(id: 1) { x: name id name } a: open z: open }'],
  ['fields that are merged', '{ shop(id: "1") { owner { name } } shop(id: "1") { name owner { name __typename } } }'],
  [
    'fragments',
    'query { shops { ...S ... on Shop { note } ... { size } } } fragment S on Shop { id goods { ...G } } fragment G on Good { name makers { name } }',
  ],
  [
    'the same object at several places',
    '{ shops { goods { makers { name } again: makers { n: name } } branches { goods { tags } } } }',
  ],
  ['lists of lists', '{ hours open }'],
  ['type names', '{ shop(id: 1) { __typename owner { __typename } } }'],
  ['an argument left out', '{ shops { id } }'],
  ['nothing found', '{ shop(id: "9") { id } }'],
  ['names of objects', '{ shop(id: 1) { constructor: name toString: id valueOf: size hasOwnProperty: note } }'],
])('%s: as graphql-js answers', async (_what, text) => {
  expect(await planned(text)).toBe(await interpreted(text));
});

test.each([
  ['a value', { first: 1, named: 'A' }],
  ['a null', { first: 2, named: null }],
  ['left out', {}],
  ['of the wrong type', { first: 'many' }],
  ['not an integer', { first: 1.5 }],
])('a variable that is %s', async (_what, variables) => {
  const text = 'query($first: Int = 1, $named: String) { shops(first: $first, named: $named) { name } open }';
  expect(await planned(text, variables)).toBe(await interpreted(text, variables));
});

test.each([
  ['of a resolver', '{ open shop(id: "gone") { name } }'],
  ['of a resolver that fails late', '{ here: shop(id: 1) { name } shop(id: "refused") { name } }'],
  ['of a required variable', 'query($id: ID!) { shop(id: $id) { name } }'],
])('the error %s is that of graphql-js', async (_what, text) => {
  expect(await planned(text)).toBe(await interpreted(text));
});

test.each(['nameless', 'unsized', 'failing', 'late', 'called'])(
  'graphql-js executes a query whose value does not fit: %s',
  async (id) => {
    const text = `{ shop(id: "${id}") { name note size owner { name } } }`;
    expect(await plan(text)!.run({}, context)).toBeNull();
  },
);

test.each([
  ['a mutation', 'mutation { close }'],
  ['a directive', 'query($on: Boolean!) { open @include(if: $on) }'],
  ['introspection', '{ __schema { types { name } } }'],
  ['the type of the root', '{ __typename open }'],
  ['an alias that is no member of an object', '{ shop(id: 1) { __proto__: name } }'],
  ['a root field that must not be null', '{ required }'],
])('%s has no plan', (_what, text) => {
  expect(plan(text)).toBeNull();
});

test('a field with a resolver of its own has no plan', () => {
  const fields = (schema.getType('Person') as GraphQLObjectType).getFields();
  expect(plan('{ shop(id: 1) { owner { shop { id } } } }')).not.toBeNull();
  fields.shop!.resolve = () => first;
  expect(plan('{ shop(id: 1) { owner { shop { id } } } }')).toBeNull();
});

test('fragments of fragments do not multiply', () => {
  const levels = Array.from({ length: 40 }, (_, i) => `fragment F${i} on Shop { ...F${i + 1} ...F${i + 1} }`);
  const roots = Array.from({ length: 40 }, (_, i) => `fragment R${i} on Query { ...R${i + 1} ...R${i + 1} }`);
  const last = 'fragment F40 on Shop { id } fragment R40 on Query { shop(id: 1) { ...F0 } }';
  expect(plan(`{ ...R0 } ${[...levels, ...roots].join(' ')} ${last}`)).not.toBeNull();
});

test('what is in several lists is completed once', async () => {
  const { data } = (await plan('{ shops { goods { name } } }')!.run({}, context))! as {
    data: { shops: { goods: object[] }[] };
  };
  const [one, two] = data.shops;
  expect(one!.goods).toBe(two!.goods);
  expect(one!.goods[0]).toBe(one!.goods[2]);
});
