import { buildSchema, parse, validate } from 'graphql';
import { limitQuery, queryLimits } from '../../src/graphql/server/query-limits';

/** A schema without a bottom; the real one has six levels. */
const schema = buildSchema('type Query { a: Query id: ID }');
const excess = (document: string) =>
  validate(schema, parse(document), [limitQuery]).map(({ message, extensions }) => [message, extensions.code]);
const nested = (levels: number, innermost: string) =>
  `${'{ a '.repeat(levels - 1)}{ ${innermost} }${' }'.repeat(levels - 1)}`;
const TOO_DEEP = [['The operation has more than 12 levels', 'QUERY_TOO_COMPLEX']];

test('the limits are those that are documented', () => {
  expect(queryLimits).toEqual({
    depth: 12,
    aliases: 30,
    rootFields: 20,
    directives: 30,
    fields: 1000,
    tokens: 2000,
    cost: 100_000,
  });
});

test('twelve levels are enough, thirteen too many', () => {
  expect(excess(nested(12, 'id'))).toEqual([]);
  expect(excess(nested(13, 'id'))).toEqual(TOO_DEEP);
  expect(excess(nested(500, 'id'))).toEqual(TOO_DEEP);
});

test('fragments and inline fragments add no level of their own, and hide none', () => {
  const split = (levels: number) =>
    `${nested(6, '... on Query { ... on Query { ...F } }')} fragment F on Query ${nested(levels, 'id')}`;
  expect(excess(split(7))).toEqual([]);
  expect(excess(split(8))).toEqual(TOO_DEEP);
});

test('fragments that spread themselves, or are not there, end the walk', () => {
  expect(excess('{ ...F } fragment F on Query { a { ...F } }')).toEqual([]);
  expect(excess('{ ...F ...G } fragment F on Query { ...G } fragment G on Query { ...F }')).toEqual([]);
  expect(excess('{ ...Nowhere }')).toEqual([]);
});

test('fragments that multiply each other are left as soon as it is too much', () => {
  const bomb = Array.from(
    { length: 25 },
    (_, i) => `fragment F${i} on Query { ${i < 24 ? `...F${i + 1} ...F${i + 1}` : 'id'} }`,
  ).join(' ');
  expect(excess(`{ ...F0 } ${bomb}`)).toEqual([['The operation has more than 20 root fields', 'QUERY_TOO_COMPLEX']]);
});

test('each operation of a document is limited for itself', () => {
  const aliases = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: id`).join(' ');
  expect(excess(`query A { a { ${aliases(20)} } } query B { a { ${aliases(20)} } }`)).toEqual([]);
  expect(excess(`query A { id } query B { a { ${aliases(31)} } }`)).toEqual([
    ['The operation has more than 30 aliases', 'QUERY_TOO_COMPLEX'],
  ]);
});
