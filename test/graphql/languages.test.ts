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

const CREATE = `mutation { createUser(input: {username: "abc", password: "long enough", firstName: "${'x'.repeat(300)}",
  email: "no address", dob: "yesterday"}) { user { id } } }`;

test('every problem of an input is Vietnamese for a client that asks for it', async () => {
  const { extensions } = (await errorIn(CREATE, 'vi')) as { extensions: object };
  expect(extensions).toEqual({
    code: 'USERNAME_TOO_SHORT',
    min: 4,
    field: 'username',
    problems: [
      { field: 'username', message: 'Tên người dùng phải có ít nhất 4 ký tự' },
      { field: 'firstName', message: 'Tên không được dài quá 255 ký tự' },
      { field: 'email', message: 'E-mail phải là một địa chỉ hợp lệ, ví dụ name@example.org' },
      { field: 'dob', message: 'Ngày sinh phải là một ngày hợp lệ, ví dụ 2000-01-31' },
    ],
  });
});

test('VALIDATION_FAILED says in Vietnamese what is wrong, and its problems say it too', async () => {
  const invalid =
    'mutation { createUser(input: {username: "valid", password: "long enough", phone: "1"}) { user { id } } }';
  const message = 'Số điện thoại phải có từ 6 đến 20 ký tự';
  expect(await errorIn(invalid, 'vi')).toEqual(
    expect.objectContaining({
      message,
      extensions: { code: 'VALIDATION_FAILED', field: 'phone', problems: [{ field: 'phone', message }] },
    }),
  );
  expect((await errorIn(invalid)).message).toBe('Phone must be 6 to 20 characters');
});

test('identity REST keeps its documented message, and adds what is wrong in the language of the client', async () => {
  const register = async (language?: string) => {
    const response = await fetch(`${app.origin}/identity/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(language && { 'accept-language': language }) },
      body: JSON.stringify({ username: 'abc', password: 'long enough', phone: '1', dob: '2000-01-31' }),
    });
    return response.json();
  };
  const body = { code: 1003, message: 'Username must be at least 4 characters' };
  const english = { field: 'phone', message: 'Phone must be 6 to 20 characters' };
  expect(await register()).toEqual({ ...body, errors: [{ field: 'username', message: body.message }, english] });
  expect(await register('vi')).toEqual({
    ...body,
    errors: [
      { field: 'username', message: 'Tên người dùng phải có ít nhất 4 ký tự' },
      { field: 'phone', message: 'Số điện thoại phải có từ 6 đến 20 ký tự' },
    ],
  });
});
