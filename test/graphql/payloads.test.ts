import { readOperation } from '../../src/graphql/server/operation';
import { restContracts } from '../../src/rest/contracts';
import {
  AssignRoleDocument,
  CreateUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  UnassignRoleDocument,
  UpdateProfileDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { ACCOUNT_PAYLOADS } from './access-expectations';

/** What a mutation returns is only what its caller may read. */
let app: TestApp;
let role: string;
beforeAll(async () => {
  app = await startApp();
  role = await app.role();
});
afterAll(() => app.close());

type Change = [name: string, change: (id: string) => [operation: never, variables: object], permissions: string[]];
const changes: Change[] = [
  ['updateUser', (id) => [UpdateUserDocument as never, { input: { id } }], ['UPDATE_USER']],
  ['updateUser', (id) => [UpdateUserDocument as never, { input: { id, firstName: 'x' } }], ['UPDATE_USER']],
  ['disableUser', (id) => [DisableUserDocument as never, { input: { id } }], ['DISABLE_USER']],
  ['enableUser', (id) => [EnableUserDocument as never, { input: { id } }], ['DISABLE_USER']],
  ['assignRole', (id) => [AssignRoleDocument as never, { input: { userId: id, role } }], ['ASSIGN_ROLE']],
  ['unassignRole', (id) => [UnassignRoleDocument as never, { input: { userId: id, role } }], ['ASSIGN_ROLE']],
  ['updateProfile', (id) => [UpdateProfileDocument as never, { input: { userId: id } }], ['UPDATE_USER']],
];
test('every mutation that answers with an account, or with its profile, is tried', () => {
  expect([...new Set(changes.map(([name]) => name))].sort()).toEqual([...ACCOUNT_PAYLOADS, 'updateProfile'].sort());
});

test('one route alone answers with the account of such a mutation', () => {
  const routes = restContracts({ strict: false }, {} as never).flatMap(({ name, routes }) =>
    routes
      .filter(({ operation }) => ACCOUNT_PAYLOADS.includes(readOperation(operation).field))
      .map(({ method, path }) => `${name}: ${method} ${path}`),
  );
  expect(routes).toEqual(['Identity: PUT /users/:userId']);
});

const callerFor = (permissions: string[]) => app.user({ permissions, roles: [role] });
const payload = async (change: Change, caller: TestUser, target: string) => {
  const [operation, variables] = change[1](target);
  const { body } = await app.gql<Record<string, Record<string, unknown>>>(operation, variables as never, caller.token);
  expect(body.errors).toBeUndefined();
  return Object.values(body.data![change[0]]!)[0];
};

test.each(changes)('%s returns null to a caller who may change another user and not read them', async (...change) => {
  const target = await app.user({ email: `${app.seconds}-${Math.random()}@example.org` });
  expect(await payload(change, await callerFor(change[2]), target.id)).toBeNull();
});

test.each(changes)('%s returns the user to a caller with READ_USERS', async (...change) => {
  const target = await app.user();
  const caller = await callerFor([...change[2], 'READ_USERS']);
  expect(await payload(change, caller, target.id)).toMatchObject({});
  expect(await payload(change, caller, target.id)).not.toBeNull();
});

test('the change stands although its payload is null', async () => {
  const target = await app.user();
  const caller = await app.user({ permissions: ['UPDATE_USER'] });
  const input = { id: target.id, firstName: 'Changed' };
  expect(await app.data(UpdateUserDocument, { input }, caller.token)).toEqual({ updateUser: { user: null } });
  expect(await app.sql('select first_name from users where id = $1', [target.id])).toEqual([{ first_name: 'Changed' }]);
});

test('callers read their own account in every payload, and the account that they have just created', async () => {
  const user = await app.user();
  const own = await app.data(UpdateUserDocument, { input: { id: user.id, firstName: 'Own' } }, user.token);
  expect(own.updateUser!.user).toMatchObject({ id: user.id, firstName: 'Own' });
  const input = { username: 'just-created', password: PASSWORD, email: 'just@example.org' };
  expect((await app.data(CreateUserDocument, { input })).createUser!.user.email).toBe('just@example.org');
});

test('over REST the result is null as well', async () => {
  const target = await app.user({ email: 'read-me-not@example.org' });
  const caller = await app.user({ permissions: ['UPDATE_USER'] });
  const login = await fetch(`${app.origin}/identity/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: caller.username, password: PASSWORD }),
  });
  const { result } = (await login.json()) as { result: { token: string } };
  const response = await fetch(`${app.origin}/identity/users/${target.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${result.token}` },
    body: JSON.stringify({ firstName: 'Over REST' }),
  });
  expect([response.status, await response.json()]).toEqual([200, { code: 1000, result: null }]);
  expect(await app.sql('select first_name from users where id = $1', [target.id])).toEqual([
    { first_name: 'Over REST' },
  ]);
});
