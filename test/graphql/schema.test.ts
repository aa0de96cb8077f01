import fs from 'node:fs';
import path from 'node:path';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  Kind,
  lexicographicSortSchema,
  type OperationDefinitionNode,
  parse,
  print,
  printSchema,
  specifiedRules,
  validate,
  validateSchema,
} from 'graphql';
import { limitQuery } from '../../src/graphql/server/query-limits';
import { describeSchema } from '../../src/graphql/server/schema';
import * as generated from '../../src/rest/generated/operations';
import { rootFields } from '../support/minimal-operation';

const schema = describeSchema();
const operationsDir = path.resolve('schema/operations');
// those of the console have a folder of their own
const files = fs
  .readdirSync(operationsDir)
  .filter((file) => file.endsWith('.graphql'))
  .sort();
const documents = new Map(files.map((file) => [file, parse(fs.readFileSync(path.join(operationsDir, file), 'utf8'))]));
const fragments = new Map(
  [...documents.values()].flatMap(({ definitions }) =>
    definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  ),
);
const operations = [...documents].flatMap(([file, { definitions }]) =>
  definitions.flatMap((d) =>
    d.kind === Kind.OPERATION_DEFINITION ? [{ file, name: d.name?.value ?? '', operation: d }] : [],
  ),
);

/** Every named thing of the schema, as `Type.field(argument)`, with its description. */
function* described(of: GraphQLSchema): Generator<[name: string, description: string | null | undefined]> {
  for (const type of Object.values(of.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    yield [type.name, type.description];
    if (isEnumType(type)) for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value.description];
    if (isInputObjectType(type))
      for (const member of Object.values(type.getFields())) yield [`${type.name}.${member.name}`, member.description];
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      yield [`${type.name}.${field.name}`, field.description];
      for (const argument of field.args) yield [`${type.name}.${field.name}(${argument.name})`, argument.description];
    }
  }
  for (const directive of of.getDirectives())
    if (!isSpecifiedDirective(directive)) yield [`@${directive.name}`, directive.description];
}

test('the schema is valid', () => {
  expect(validateSchema(schema)).toEqual([]);
});

test('every type, field, argument, input member and enum value has a description', () => {
  const all = [...described(schema)];
  expect(all.length).toBeGreaterThan(200);
  expect(all.filter(([, description]) => !description?.trim()).map(([name]) => name)).toEqual([]);
});

test.each(rootFields(schema).map(({ name, field }) => [name, field.description]))(
  '%s says who may use it',
  (_name, description) => {
    expect(description).toMatch(
      /\n\nAccess: (public; no token is needed|public; with `roles` scopes CREATE_USER and ASSIGN_ROLE or ROLE_ADMIN|any valid token|any valid token for the caller's own account; for others scope [A-Z_]+ or ROLE_ADMIN|scope [A-Z_]+ or ROLE_ADMIN)\.$/,
    );
  },
);

test('root fields are nullable, so that one refusal leaves the others their answers; mutations take one input', () => {
  for (const { kind, name, field } of rootFields(schema)) {
    expect([name, String(field.type)]).toEqual([name, expect.not.stringMatching(/!$/)]);
    if (kind === 'mutation')
      expect([name, ...field.args.map((arg) => arg.name)]).toEqual(field.args.length > 0 ? [name, 'input'] : [name]);
  }
});

test('schema/schema.graphql is what the code emits', () => {
  const committed = fs.readFileSync('schema/schema.graphql', 'utf8');
  expect(committed.replace(/^#.*\n+/, '').trimEnd()).toBe(printSchema(lexicographicSortSchema(schema)));
});

describe('the documents that REST, tests and React clients share', () => {
  test('each file holds one operation that is named like it, or fragments alone', () => {
    const expected = files.filter((file) => file !== 'fragments.graphql');
    expect(operations.map(({ name }) => `${name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase()}.graphql`)).toEqual(
      expected,
    );
  });

  test.each(operations.map(({ name, operation }) => [name, operation] as const))(
    '%s fits the schema and its limits',
    (_name, operation) => {
      expect(validate(schema, withFragments(operation), [...specifiedRules, limitQuery])).toEqual([]);
    },
  );

  test('every fragment is used', () => {
    const text = [...documents.values()].map(print).join('\n');
    expect([...fragments.keys()].filter((name) => !text.includes(`...${name}\n`))).toEqual([]);
  });

  test.each(operations.map(({ name, operation }) => [name, operation] as const))(
    'the typed document of %s is generated from it',
    (name, operation) => {
      const typed = (generated as unknown as Record<string, DocumentNode>)[`${name}Document`];
      const texts = (document: DocumentNode | undefined) => document?.definitions.map((d) => print(d)).sort();
      expect(texts(typed)).toEqual(texts(withFragments(operation)));
    },
  );
});

/** A caller may change a user without the right to read them. */
const NULL_FOR_A_CALLER = ['ProfilePayload.profile', 'UserPayload.user'];

test('payloads, connections and edges hold no null but a user whom the caller may not read', () => {
  const holders = Object.values(schema.getTypeMap()).filter(isObjectType);
  const nullable = holders
    .filter(({ name }) => /(?:Payload|Connection|Edge)$/.test(name))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
    .filter(({ field }) => !isNonNullType(field.type))
    .map(({ type, field }) => `${type.name}.${field.name}`);
  expect(nullable.sort()).toEqual(NULL_FOR_A_CALLER);
});

test('no list holds null', () => {
  const fields = Object.values(schema.getTypeMap())
    .filter((type) => (isObjectType(type) || isInputObjectType(type)) && !isIntrospectionType(type))
    .flatMap((type) => Object.values((type as GraphQLObjectType).getFields()));
  const withNulls = fields.filter(({ type }) => /[^!]\]/.test(String(type))).map(({ name }) => name);
  expect(withNulls).toEqual([]);
  expect(fields.filter(({ type }) => String(type).includes('[')).length).toBeGreaterThan(10);
});

/** The operation with the fragments it uses, and those that they use. */
function withFragments(operation: OperationDefinitionNode): DocumentNode {
  const used = new Map<string, FragmentDefinitionNode>();
  const collect = (text: string) => {
    for (const [, name] of text.matchAll(/\.\.\.(\w+)/g)) {
      const fragment = fragments.get(name!);
      if (!fragment || used.has(name!)) continue;
      used.set(name!, fragment);
      collect(print(fragment));
    }
  };
  collect(print(operation));
  return { kind: Kind.DOCUMENT, definitions: [operation, ...used.values()] };
}
