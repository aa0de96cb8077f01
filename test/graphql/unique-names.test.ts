import {
  CreatePermissionDocument,
  CreateRoleDocument,
  CreateUserDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { refused } from '../support/graphql-client';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const create = async (username: string, email?: string) =>
  (await app.gql(CreateUserDocument, { input: { username, password: PASSWORD, email: email ?? null } })).body;
const usernameTaken = refused('createUser', 'USERNAME_TAKEN', 'The user name is taken', { field: 'username' });
const emailTaken = refused('createUser', 'EMAIL_TAKEN', 'The e-mail address is taken', { field: 'email' });

/** The word in as many mixtures of upper and lower case as are wanted, each once. */
const cases = (word: string, count: number) =>
  Array.from({ length: count }, (_, n) => [...word].map((c, i) => ((n >> i) & 1 ? c.toUpperCase() : c)).join(''));

describe('twenty sign-ups at once, in different cases, make one user; the others have one stable answer', () => {
  test('of one user name', async () => {
    const answers = await Promise.all(cases('everybody', 20).map((name) => create(name)));
    const refusals = answers.filter(({ errors }) => errors);
    expect(refusals).toEqual(Array(19).fill(usernameTaken));
    expect(await app.sql("select count(*)::int as n from users where username_key = 'everybody'")).toEqual([{ n: 1 }]);
  });

  test('of one e-mail address', async () => {
    const answers = await Promise.all(
      cases('someone', 20).map((local, i) => create(`sign-up ${i}`, `${local}@example.org`)),
    );
    const refusals = answers.filter(({ errors }) => errors);
    expect(refusals).toEqual(Array(19).fill(emailTaken));
    expect(await app.sql("select count(*)::int as n from users where email_key = 'someone@example.org'")).toEqual([
      { n: 1 },
    ]);
  });
});

test.each([
  ['letters with marks', 'Ünïcode', 'üNÏCODE'],
  ['Greek, whose sigma has two small forms', 'ΟΔΥΣΣΕΑΣ', 'οδυσσεας'],
  ['Cyrillic', 'Анна', 'аННА'],
  ['Vietnamese, composed and decomposed', 'Nguyễn', 'NGUYỄN'.normalize('NFD')],
])('%s are compared without regard to case', async (_what, one, other) => {
  expect((await create(one)).data?.createUser?.user.username).toBe(one);
  expect(await create(other)).toEqual(usernameTaken);
});

test('names that only look alike are different names', async () => {
  for (const name of ['file-1', 'ﬁle-1', 'file—1', 'file.1'])
    expect((await create(name)).data?.createUser?.user.username).toBe(name);
});

test('users may change the case of their own name and address, and not take those of others', async () => {
  const user = await app.user({ email: 'own@example.org' });
  await app.user({ email: 'theirs@example.org' });
  const update = async (email: string) =>
    (await app.gql(UpdateUserDocument, { input: { id: user.id, email, currentPassword: PASSWORD } }, user.token)).body;
  expect((await update('OWN@Example.org')).data!.updateUser!.user!.email).toBe('OWN@Example.org');
  expect(await update('Theirs@EXAMPLE.org')).toEqual(
    refused('updateUser', 'EMAIL_TAKEN', 'The e-mail address is taken', { field: 'email' }),
  );
});

test('any number of users have no e-mail address', async () => {
  for (const email of [undefined, '', '', undefined])
    expect((await create(`no address ${Math.random()}`, email)).errors).toBeUndefined();
});

test('with a taken name and a taken address the error names the name', async () => {
  await app.user({ username: 'both taken', email: 'both@example.org' });
  expect(await create('BOTH taken', 'BOTH@example.org')).toEqual(usernameTaken);
});

describe('the same role, or permission, made twenty times at once', () => {
  test.each([
    ['REFUSE', 1],
    ['REPLACE', 20],
  ] as const)('with %s succeeds for %i, and is there once', async (ifExists, successes) => {
    const admin = await app.admin();
    const name = `ONCE_${ifExists}`;
    const times = Array.from({ length: 20 }, (_, i) => i);
    const roles = await Promise.all(
      times.map((i) =>
        app.outcome(
          CreateRoleDocument,
          { input: { name, ifExists, permissions: ['READ_USERS'], description: `${i}` } },
          admin,
        ),
      ),
    );
    const permissions = await Promise.all(
      times.map((i) =>
        app.outcome(CreatePermissionDocument, { input: { name, ifExists, description: `${i}` } }, admin),
      ),
    );
    const expected = (taken: string) => times.map((i) => (i < successes ? 'ok' : taken)).sort();
    expect(roles.sort()).toEqual(expected('ROLE_NAME_TAKEN'));
    expect(permissions.sort()).toEqual(expected('PERMISSION_NAME_TAKEN'));
    expect(await app.sql('select count(*)::int as n from roles where name = $1', [name])).toEqual([{ n: 1 }]);
    expect(await app.sql('select count(*)::int as n from permissions where name = $1', [name])).toEqual([{ n: 1 }]);
  });
});
