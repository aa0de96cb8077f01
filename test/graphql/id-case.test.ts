import {
  DisableUserDocument,
  SessionsDocument,
  UpdateProfileDocument,
  UpdateUserDocument,
  UserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { forbidden, refused } from '../support/graphql-client';

/** Ids are compared as the database returns them, whatever was typed. */
let app: TestApp;
let user: TestUser;
let ID: string;
beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  user = await app.user({ email: `id-${Math.random()}@example.org` });
  ID = user.id.toUpperCase();
});
afterAll(() => app.close());

test('the caller’s own id in upper case is their own account', async () => {
  expect((await app.data(UserDocument, { id: ID }, user.token)).user!.id).toBe(user.id);
  expect(await app.outcome(SessionsDocument, { userId: ID }, user.token)).toBe('ok');
  expect((await app.data(UpdateProfileDocument, { input: { userId: ID } }, user.token)).updateProfile).toMatchObject({
    profile: { userId: user.id },
  });
});

test('it does not pass for another account, whose password and address are changed without the current one', async () => {
  const editor = await app.user({ permissions: ['UPDATE_USER'] });
  const change = async (more: object) =>
    (await app.gql(UpdateUserDocument, { input: { id: editor.id.toUpperCase(), ...more } }, editor.token)).body;
  expect((await change({ password: 'another password' })).errors![0]!.extensions!.code).toBe('VALIDATION_FAILED');
  expect(await change({ email: 'stolen@example.org' })).toEqual(
    refused('updateUser', 'INVALID_CREDENTIALS', 'The user name or the password is wrong', {
      field: 'currentPassword',
    }),
  );
});

test('in a literal of the document as well', async () => {
  const { body } = await app.gql(`{ user(id: "${ID}") { id } }`, {}, user.token);
  expect(body).toEqual({ data: { user: { id: user.id } } });
});

test('over REST, in the path', async () => {
  const login = await fetch(`${app.origin}/identity/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: user.username, password: PASSWORD }),
  });
  const { token } = ((await login.json()) as { result: { token: string } }).result;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const read = await fetch(`${app.origin}/identity/users/${ID}`, { headers });
  expect([read.status, ((await read.json()) as { result: { id: string } }).result.id]).toEqual([200, user.id]);
  const body = JSON.stringify({ firstName: 'Upper' });
  expect((await fetch(`${app.origin}/identity/users/${ID}`, { method: 'PUT', headers, body })).status).toBe(200);
});

test('audit rows hold the id as the database has it', async () => {
  await app.data(DisableUserDocument, { input: { id: ID } }, await app.admin());
  const rows = await app.sql(
    `select target_id from audit_events where action = 'user.disabled' and target_id ilike $1`,
    [ID],
  );
  expect(rows).toEqual([{ target_id: user.id }]);
});

test('another’s id is refused in either case', async () => {
  const other = (await app.user()).id;
  for (const id of [other, other.toUpperCase()])
    expect((await app.gql(UserDocument, { id }, user.token)).body).toEqual(forbidden('user', 'READ_USERS'));
});
