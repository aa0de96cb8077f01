import {
  ChangePasswordDocument,
  CreateUserDocument,
  LoginDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';
import { NOBODY } from '../support/minimal-operation';

/** Whatever a client does wrong with it, this must not come back. */
const SECRET = 'Tr0ub4dor-and-3';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const variable = (type: string, field: string, selection: string) =>
  `mutation($input: ${type}!) { ${field}(input: $input) { ${selection} } }`;
const operations = {
  login: variable('LoginInput', 'login', 'user { id }'),
  createUser: variable('CreateUserInput', 'createUser', 'user { id }'),
  updateUser: variable('UpdateUserInput', 'updateUser', 'user { id }'),
  changePassword: variable('ChangePasswordInput', 'changePassword', 'ok'),
  resetPassword: variable('ResetPasswordInput', 'resetPassword', 'ok'),
};
const members = {
  login: { username: 'somebody', password: SECRET },
  createUser: { username: 'somebody', password: SECRET },
  updateUser: { id: NOBODY, password: SECRET },
  changePassword: { currentPassword: SECRET, newPassword: 'another' },
  resetPassword: { email: 'a@example.org', code: '123456', newPassword: SECRET },
};
const names = Object.keys(operations) as (keyof typeof operations)[];

/** Inputs that GraphQL itself refuses, and how it says so is where values leak. */
const mistakes: [string, (good: Record<string, string>) => unknown][] = [
  ['a member that does not exist', (good) => ({ ...good, passwort: SECRET })],
  ['a member like another', (good) => ({ ...good, passwords: SECRET })],
  ['a number where a text is', (good) => mapped(good, () => 12345)],
  ['a list', (good) => mapped(good, (value) => [value])],
  ['a list in a list', (good) => [[good]]],
  ['an object', (good) => mapped(good, (value) => ({ value }))],
  ['an object in an object', (good) => mapped(good, (value) => ({ a: { b: value } }))],
  ['null', (good) => mapped(good, (value) => (value === SECRET ? value : null))],
  ['missing members', () => ({ [SECRET]: SECRET })],
  ['a text instead of the input', () => SECRET],
  ['a text with quotation marks', () => `" ; Expected type ${SECRET} "`],
  ['true', (good) => mapped(good, (value) => (value === SECRET ? value : true))],
];
const mapped = (object: Record<string, string>, change: (value: string) => unknown) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

describe.each(names)('%s does not repeat a password', (name) => {
  test.each(mistakes)('in a variable with %s', async (_what, make) => {
    const input = make(members[name]);
    const { status, body, headers } = await app.gql(operations[name], { input });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/json; charset=utf-8$/);
    expect(Object.keys(body)).toEqual(['errors']);
    expect(JSON.stringify(body)).not.toContain(SECRET);
    for (const { message, ...rest } of body.errors!) {
      expect(rest).toEqual({ extensions: { code: 'BAD_USER_INPUT' } });
      expect(message).toMatch(/^Variable "\$input" is not valid( at "input[\w.[\]]*")?: [^"]+("\w+!?"[^"]*)*\.$/);
    }
  });

  test('written into the document, where it is of the wrong type', async () => {
    const field = operations[name].replace(/mutation\([^)]*\)/, 'mutation');
    const literals = [
      `{ password: ["${SECRET}"] }`,
      `{ password: { a: "${SECRET}" } }`,
      `"${SECRET}"`,
      `["${SECRET}"]`,
      `{ passwort: "${SECRET}" }`,
      '{ password: 12345678901234567890 }',
    ];
    for (const literal of literals) {
      const { status, body } = await app.gql(field.replace('$input', literal));
      expect([status, body.errors?.[0]?.extensions?.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
      expect(JSON.stringify(body)).not.toContain(SECRET);
    }
  });
});

test('a document that cannot be parsed does not come back', async () => {
  for (const broken of [
    `mutation { login(input: { password: "${SECRET} }) { ok } }`,
    `{ ${SECRET} ${SECRET}!`,
    `mutation { login(input: "${SECRET}\n") }`,
  ]) {
    const { status, body } = await app.gql(broken);
    expect([status, body.errors?.[0]?.extensions?.code]).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
    expect(JSON.stringify(body)).not.toContain(SECRET);
  }
});

test('errors of services, and logs, do not repeat it either', async () => {
  const user = await app.user();
  const long = SECRET.repeat(100);
  const answers = [
    await app.gql(LoginDocument, { input: { username: user.username, password: SECRET } }),
    await app.gql(LoginDocument, { input: { username: SECRET, password: SECRET } }),
    await app.gql(CreateUserDocument, { input: { username: 'abc', password: SECRET } }),
    await app.gql(CreateUserDocument, { input: { username: 'admin', password: SECRET } }),
    await app.gql(CreateUserDocument, { input: { username: 'somebody', password: long } }),
    await app.gql(CreateUserDocument, { input: { username: 'somebody', password: `${SECRET}\ud800` } }),
    await app.gql(ChangePasswordDocument, { input: { currentPassword: SECRET, newPassword: SECRET } }, user.token),
    await app.gql(UpdateUserDocument, { input: { id: user.id, password: SECRET } }, user.token),
  ];
  for (const { body } of answers) {
    expect(body.errors).toHaveLength(1);
    expect(JSON.stringify(body)).not.toContain(SECRET);
  }
  expect(JSON.stringify(app.logs)).not.toContain(SECRET);
});

test('a stored password, its hash or its scheme is in no type of the schema', () => {
  const types = Object.values(app.app.schema.getTypeMap()).filter(
    (type) => !type.name.endsWith('Input') && 'getFields' in type,
  );
  const fields = types.flatMap((type) =>
    Object.keys((type as { getFields(): object }).getFields()).map((field) => `${type.name}.${field}`),
  );
  expect(
    fields.filter((field) => /\..*(hash|scheme|password|secret)/i.test(field) && !/^(Query|Mutation)\./.test(field)),
  ).toEqual(['Settings.passwordMinLength']);
});
