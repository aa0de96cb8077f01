import { UpdateUserDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { refused } from '../support/graphql-client';
import { compatToken } from '../support/tokens';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const LONG = 'four unusual words together';
const change = async (user: TestUser, more: object, token = user.token) =>
  (await app.gql(UpdateUserDocument, { input: { id: user.id, ...more } }, token)).body;
const emailOf = async ({ id }: TestUser) =>
  (await app.sql<{ email: string }>('select email from users where id = $1', [id]))[0]!.email;
const wrong = refused('updateUser', 'INVALID_CREDENTIALS', 'The user name or the password is wrong', {
  field: 'currentPassword',
});

test('a user’s own e-mail address changes over GraphQL only with the current password', async () => {
  const user = await app.user({ email: 'first@example.org' });
  const byCompatToken = await compatToken({
    subject: user.username,
    userId: user.id,
    issuedAt: app.clock.seconds,
  });
  for (const email of ['stolen@example.org', '', null])
    for (const attempt of [{ email }, { email, currentPassword: '' }, { email, currentPassword: 'wrong' }]) {
      expect(await change(user, attempt)).toEqual(wrong);
      expect(await change(user, attempt, byCompatToken)).toEqual(wrong);
    }
  expect(await emailOf(user)).toBe('first@example.org');
  const body = await change(user, { email: 'second@example.org', currentPassword: PASSWORD });
  expect(body.data!.updateUser!.user!.email).toBe('second@example.org');
});

test('the address that the account has already needs no password, and neither do other members', async () => {
  const user = await app.user({ email: 'same@example.org' });
  expect((await change(user, { email: 'same@example.org', firstName: 'New' })).errors).toBeUndefined();
});

test('a missing password is not counted as a failed login', async () => {
  const limited = await startApp({ env: { LOGIN_RATE_LIMIT: '3/60' } });
  const user = await limited.user({ email: 'counted@example.org' });
  for (let i = 0; i < 6; i++)
    expect(
      await limited.outcome(UpdateUserDocument, { input: { id: user.id, email: 'new@example.org' } }, user.token),
    ).toBe('INVALID_CREDENTIALS');
  const right = { id: user.id, email: 'new@example.org', currentPassword: PASSWORD };
  expect(await limited.outcome(UpdateUserDocument, { input: right }, user.token)).toBe('ok');
  await limited.close();
});

test('an administrator changes the address of another user without a password', async () => {
  const user = await app.user({ email: 'before@example.org' });
  const input = { id: user.id, email: 'after@example.org' };
  expect(await app.outcome(UpdateUserDocument, { input }, await app.admin())).toBe('ok');
  expect(await emailOf(user)).toBe('after@example.org');
});

test('the strict profile asks for it too', async () => {
  const strict = await startApp({ env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: LONG } });
  const { accessToken } = await strict.login('admin', LONG);
  const [{ id } = { id: '' }] = await strict.sql<{ id: string }>(`select id from users where username = 'admin'`);
  const outcome = (currentPassword?: string) =>
    strict.outcome(UpdateUserDocument, { input: { id, email: 'admin@example.org', currentPassword } }, accessToken);
  expect([await outcome(), await outcome('wrong'), await outcome(LONG)]).toEqual([
    'INVALID_CREDENTIALS',
    'INVALID_CREDENTIALS',
    'ok',
  ]);
  await strict.close();
});

test('the identity contract keeps what its document draws: PUT with its own token changes both', async () => {
  const user = await app.user({ email: 'contract@example.org' });
  const token = await compatToken({ subject: user.username, userId: user.id, issuedAt: app.clock.seconds });
  const response = await fetch(`${app.origin}/identity/users/${user.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ email: 'changed@example.org' }),
  });
  expect(response.status).toBe(200);
  expect(await emailOf(user)).toBe('changed@example.org');
});
