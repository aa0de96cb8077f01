import {
  ChangePasswordDocument,
  CheckPasswordResetCodeDocument,
  CreateUserDocument,
  LoginDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  SessionLoginDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';

/** Twice in a request, such texts blocked the server for seconds: NFC sorts a run of combining marks in quadratic time. */
const HOSTILE = `a${'\u0301'.repeat(15_000)}${'\u0323'.repeat(15_000)}`;
const LONGEST = 3 * 1100;

let app: TestApp;
let normalize: jest.SpyInstance<string>;
const normalized: number[] = [];
beforeAll(async () => {
  app = await startApp();
  const original = String.prototype.normalize;
  normalize = jest.spyOn(String.prototype, 'normalize').mockImplementation(function (this: string, form?: string) {
    normalized.push(this.length);
    return original.call(this, form);
  });
});
afterAll(async () => {
  normalize.mockRestore();
  await app.close();
});

type Request = [name: string, operation: unknown, variables: (text: string) => object];
const inputs: Request[] = [
  ['login: username', LoginDocument, (text) => ({ input: { username: text, password: PASSWORD } })],
  ['login: password', LoginDocument, (text) => ({ input: { username: 'admin', password: text } })],
  ['login: unknown user', LoginDocument, (text) => ({ input: { username: 'nobody-here', password: text } })],
  ['session login', SessionLoginDocument, (text) => ({ input: { username: text, password: text } })],
  ['createUser: username', CreateUserDocument, (text) => ({ input: { username: text, password: PASSWORD } })],
  ['createUser: password', CreateUserDocument, (text) => ({ input: { username: 'long-text', password: text } })],
  [
    'createUser: e-mail',
    CreateUserDocument,
    (text) => ({ input: { username: 'long-text', password: PASSWORD, email: `${text}@example.org` } }),
  ],
  [
    'createUser: name',
    CreateUserDocument,
    (text) => ({ input: { username: 'long-text', password: PASSWORD, firstName: text } }),
  ],
  ['requestPasswordReset', RequestPasswordResetDocument, (text) => ({ input: { email: text } })],
  ['checkPasswordResetCode', CheckPasswordResetCodeDocument, (text) => ({ input: { email: text, code: text } })],
  [
    'resetPassword',
    ResetPasswordDocument,
    (text) => ({ input: { email: 'a@example.org', code: '123456', newPassword: text } }),
  ],
];

test.each(inputs)('%s is answered without normalizing a text above its limit', async (_name, operation, variables) => {
  normalized.length = 0;
  const { status } = await app.gql(operation as never, variables(HOSTILE) as never);
  expect(status).toBe(200);
  expect(Math.max(0, ...normalized)).toBeLessThanOrEqual(LONGEST);
});

test('neither does a signed-in caller: search, own update, change of password', async () => {
  const admin = await app.admin();
  const user = await app.user();
  normalized.length = 0;
  const search = 'query($text: String!) { users(filter: { text: $text }) { totalCount } }';
  expect(await app.outcome(search, { text: HOSTILE }, admin)).toBe('BAD_USER_INPUT');
  await app.outcome(UpdateUserDocument, { input: { id: user.id, firstName: HOSTILE, email: HOSTILE } }, user.token);
  const input = { currentPassword: HOSTILE, newPassword: HOSTILE };
  expect(await app.outcome(ChangePasswordDocument, { input }, user.token)).toBe('INVALID_CREDENTIALS');
  expect(Math.max(0, ...normalized)).toBeLessThanOrEqual(LONGEST);
});

test.each([
  ['/identity/auth/token', { username: HOSTILE, password: HOSTILE }],
  ['/identity/users', { username: HOSTILE, password: HOSTILE }],
  ['/auth/token', { username: 'admin', password: HOSTILE }],
  ['/api/auth/login', { email: HOSTILE, password: HOSTILE }],
  ['/api/public/signin', { username: HOSTILE, password: HOSTILE }],
])('over REST neither: %s', async (path, body) => {
  normalized.length = 0;
  const response = await fetch(`${app.origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(504);
  expect(response.status).not.toBe(500);
  expect(Math.max(0, ...normalized)).toBeLessThanOrEqual(LONGEST);
});
