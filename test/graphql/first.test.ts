import { startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

test('a user reads the own name', async () => {
  const user = await app.user();
  const { me } = await app.data('{ me { username } }', {}, user.token);
  expect(me).toEqual({ username: user.username });
});

test('without a token there is no user', async () => {
  const { body } = await app.gql('{ me { username } }');
  expect(body.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});
