import { startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});

const LOGIN = 'mutation { login(input: {username: "admin", password: "not it at all"}) { user { id } } }';

/** @param query new text each time goes through Apollo, a known one past it */
async function errorIn(query: string, language?: string): Promise<{ message: string; extensions: { code: string } }> {
  const response = await fetch(`${app.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(language && { 'accept-language': language }) },
    body: JSON.stringify({ query }),
  });
  const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
  return errors[0]!;
}

const invalidCredentials = (message: string) =>
  expect.objectContaining({ message, extensions: { code: 'INVALID_CREDENTIALS' } });

test('errors are Vietnamese for a client that asks for it, with the same code, and English otherwise', async () => {
  const english = invalidCredentials('The user name or the password is wrong');
  const vietnamese = invalidCredentials('Tên người dùng hoặc mật khẩu sai');
  for (const query of [LOGIN, LOGIN, LOGIN]) {
    expect(await errorIn(query, 'vi-VN,vi;q=0.9,en;q=0.8')).toEqual(vietnamese);
    expect(await errorIn(query, 'en')).toEqual(english);
    expect(await errorIn(query)).toEqual(english);
    expect(await errorIn(query, 'fr')).toEqual(english);
  }
});

test('parameters stand in the translated message', async () => {
  const short = 'mutation { createUser(input: {username: "abc", password: "long enough"}) { user { id } } }';
  const error = await errorIn(short, 'vi');
  expect([error.message, error.extensions.code]).toEqual([
    'Tên người dùng phải có ít nhất 4 ký tự',
    'USERNAME_TOO_SHORT',
  ]);
});
