import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  buildSchema,
  coerceInputValue,
  type GraphQLInputType,
  isInputType,
  parse,
  typeFromAST,
  validate,
} from 'graphql';
import { type Example, loadExamples } from '../../web/playground/examples.mjs';

describe('the examples of the playground', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'examples-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function load(operations: Record<string, string>, schema?: string): Example[] {
    for (const [file, text] of Object.entries(operations)) {
      mkdirSync(path.dirname(path.join(folder, 'operations', file)), { recursive: true });
      writeFileSync(path.join(folder, 'operations', file), text);
    }
    if (schema) writeFileSync(path.join(folder, 'schema.graphql'), schema);
    return loadExamples({
      operationsDir: path.join(folder, 'operations'),
      schemaFile: path.join(folder, 'schema.graphql'),
    });
  }

  test('come from every document, the lesson first and as tabs, the rest by name', () => {
    const examples = load({
      'logout.graphql': 'mutation Logout { logout { ok } }',
      'roles.graphql': 'query Roles { roles { name } }\n\nquery ARole { role { name } }',
      'admin/me.graphql': 'query Me { me { id } }',
      'login.graphql': 'mutation Login { login { ok } }',
    });
    expect(examples.map(({ name, kind, tab }) => [name, kind, tab])).toEqual([
      ['Login', 'mutation', true],
      ['Me', 'query', true],
      ['Logout', 'mutation', true],
      ['ARole', 'query', false],
      ['Roles', 'query', false],
    ]);
  });

  test('open one tab for a field, the operation named like it', () => {
    const examples = load({
      'users.graphql':
        'query AllUsers { users { id } }\nquery Users { users { id } }\nquery UsersPage { users { id } }',
    });
    expect(examples.map(({ name, tab }) => [name, tab])).toEqual([
      ['Users', true],
      ['AllUsers', false],
      ['UsersPage', false],
    ]);
  });

  test('keep their comments and bring the fragments they need, from whichever file', () => {
    const [me] = load({
      'fragments.graphql':
        'fragment Names on Role { name }\nfragment Account on User { id roles { ...Names } }\nfragment Unused on User { id }',
      'me.graphql': '# Who am I?\nquery Me {\n  me {\n    ...Account\n  }\n}\n',
    });
    expect(me).toEqual({
      name: 'Me',
      kind: 'query',
      query:
        '# Who am I?\nquery Me {\n  me {\n    ...Account\n  }\n}\n\nfragment Account on User { id roles { ...Names } }\n\nfragment Names on Role { name }',
      variables: '',
      tab: true,
    });
  });

  test('fill in the same values however the document passes them', () => {
    const [whole] = load({ 'login.graphql': 'mutation Login($input: LoginInput!) { login(input: $input) { ok } }' });
    const [parts] = load({
      'login.graphql':
        'mutation Login($name: String!, $password: String!) { login(input: { username: $name, password: $password }) { ok } }',
    });
    expect(JSON.parse(whole.variables)).toEqual({ input: { username: 'admin', password: 'password123' } });
    expect(JSON.parse(parts.variables)).toEqual({ name: 'admin', password: 'password123' });
  });

  test('leave out what the schema does not have and add what it requires', () => {
    const schema = `
      enum Kind { PERSON SERVICE }
      input CreateUserInput { username: String! password: String! kind: Kind! tags: [String!]! age: Int! note: String extra: Boolean! = true }
      type User { id: ID! }
      type Query { users(first: Int, after: String): [User] }
      type Mutation { createUser(input: CreateUserInput!): User }`;
    const operations = {
      'create-user.graphql': 'mutation CreateUser($input: CreateUserInput!) { createUser(input: $input) { id } }',
      'users.graphql': 'query Users($first: Int, $after: String) { users(first: $first, after: $after) { id } }',
    };
    const examples = load(operations, schema);
    expect(examples.map(({ variables }) => JSON.parse(variables))).toEqual([
      { input: { username: 'alice', password: 'correct horse', kind: 'PERSON', tags: [], age: 0 } },
      { first: 10 },
    ]);
    expect(problemsOf(examples, schema)).toEqual([]);
  });

  test('give every required variable of an unknown operation an empty value of its kind', () => {
    const [example] = load({
      'x.graphql': 'query X($id: ID!, $n: Int!, $on: Boolean!, $filter: FilterInput!, $optional: Int) { x }',
    });
    expect(JSON.parse(example.variables)).toEqual({ id: '', n: 0, on: false, filter: {} });
  });

  test('are built in where the repository has no documents', () => {
    const names = [
      'Login',
      'Me',
      'CreatePermission',
      'CreateRole',
      'CreateUser',
      'Users',
      'Introspect',
      'Refresh',
      'Logout',
    ];
    expect(load({}).map(({ name, tab }) => [name, tab])).toEqual(names.map((name) => [name, true]));
  });

  test('name the file that does not parse', () => {
    expect(() => load({ 'broken.graphql': '\nquery {' })).toThrow(/^broken\.graphql:2: Syntax Error/);
  });
});

/** What the schema says against the operations and against their variables. */
function problemsOf(examples: Example[], schemaText: string): string[] {
  const schema = buildSchema(schemaText);
  return examples.flatMap(({ query, variables }) => {
    const document = parse(query);
    const problems = validate(schema, document).map(({ message }) => message);
    for (const definition of document.definitions) {
      if (definition.kind !== 'OperationDefinition') continue;
      for (const { variable, type } of definition.variableDefinitions ?? []) {
        const inputType = typeFromAST(schema, type as never) as GraphQLInputType | undefined;
        const value: unknown = JSON.parse(variables || '{}')[variable.name.value];
        if (!isInputType(inputType)) problems.push(`unknown type of $${variable.name.value}`);
        else if (value !== undefined)
          coerceInputValue(value, inputType, (_path, _value, error) => problems.push(error.message));
      }
    }
    return problems;
  });
}
