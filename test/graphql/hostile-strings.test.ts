import { type GraphQLInputType, type GraphQLSchema, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { isPublic } from '../../src/graphql/access/access-rule';
import { access } from '../../src/graphql/access/access-tree';
import { describeSchema } from '../../src/graphql/server/schema';
import { startApp, type TestApp } from '../support/app';
import { minimalOperation, type RootField, rootFields, valueFor } from '../support/minimal-operation';

/** What no database, log, index or regular expression expects. */
const HOSTILE: [string, string][] = [
  ['NUL', 'a\0b'],
  ['half a surrogate pair', 'a\ud800b'],
  ['the other half', '\udc00'],
  ['nothing', ''],
  ['white space', ' \t\r\n\u00a0\u2028'],
  ['SQL', `'; drop table users; --`],
  ['patterns', '%_\\$1?(.*)+'],
  ['a path', '../../../../etc/passwd'],
  ['a header', 'a\r\nSet-Cookie: b=c'],
  ['direction marks', '\u202eabc\u2066'],
  ['placeholders', '{name} {detail} %s ? ?? $1'],
  ['a prototype', '__proto__'],
  ['200 kB', '🦊'.repeat(50_000)],
];
const MEGABYTE = 'x'.repeat(1_000_000);

interface Place {
  path: string[];
  field: RootField;
}

/** Every String and ID that an operation takes, arguments and members of inputs, lists too. */
function places(schema: GraphQLSchema): Place[] {
  const walk = (type: GraphQLInputType, path: string[], field: RootField): Place[] => {
    if (isNonNullType(type)) return walk(type.ofType, path, field);
    if (isListType(type)) return walk(type.ofType, [...path, '0'], field);
    if (isInputObjectType(type))
      return Object.values(type.getFields()).flatMap((member) => walk(member.type, [...path, member.name], field));
    return ['String', 'ID'].includes(type.name) ? [{ path, field }] : [];
  };
  return rootFields(schema).flatMap((field) => field.field.args.flatMap((arg) => walk(arg.type, [arg.name], field)));
}

let app: TestApp;
beforeAll(async () => {
  // so that a megabyte reaches the operations
  app = await startApp({ env: { GRAPHQL_BODY_LIMIT: '2000000' } });
});
afterAll(() => app.close());

/** The least that the operation takes, with the text at one place. */
function operationWith({ path, field }: Place, text: string) {
  const [argument, ...rest] = path as [string, ...string[]];
  const type = field.field.args.find((arg) => arg.name === argument)!.type;
  return minimalOperation(field, { [argument]: put(type, rest, text) });
}

function put(type: GraphQLInputType, [next, ...rest]: string[], text: string): unknown {
  if (isNonNullType(type)) return put(type.ofType, next === undefined ? [] : [next, ...rest], text);
  if (next === undefined) return text;
  if (isListType(type)) return [put(type.ofType, rest, text)];
  if (!isInputObjectType(type)) throw new Error(`${next} of ${type.name}`);
  return { ...(valueFor(type) as object), [next]: put(type.getFields()[next]!.type, rest, text) };
}

const all = places(describeSchema());
const open = new Set(Object.entries(access.Mutation).flatMap(([name, of]) => (isPublic(of, {}) ? [name] : [])));

test('every text argument of every field is covered', () => {
  expect(all.length).toBeGreaterThan(60);
  const withTexts = new Set(all.map(({ field }) => field.name));
  const others = rootFields(app.app.schema).filter(({ field, name }) => field.args.length > 0 && !withTexts.has(name));
  expect(others.map(({ name }) => name)).toEqual(['loginCounts']); // dates and the name of a step
});

test.each(all.map((place) => [`${place.field.name}(${place.path.join('.')})`, place] as const))(
  '%s: no text causes an unexpected error, with and without a token of the administrator',
  async (_name, place) => {
    const admin = await app.admin();
    for (const [what, text] of [...HOSTILE, ['a megabyte', MEGABYTE] as const]) {
      const { query, variables } = operationWith(place, text);
      for (const token of open.has(place.field.name) ? [admin, undefined] : [admin]) {
        const { status, body } = await app.gql(query, variables, token);
        const codes = body.errors?.map(({ extensions }) => extensions?.code) ?? [];
        expect([what, status < 500, codes]).toEqual([
          what,
          true,
          expect.not.arrayContaining(['INTERNAL_SERVER_ERROR']),
        ]);
      }
    }
  },
);
