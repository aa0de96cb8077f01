import { LoginDocument } from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    env: { TRUST_PROXY: '1', BCRYPT_COST: '8', PASSWORD_WORKERS: '1', PASSWORD_QUEUE: '1' },
  });
});
afterAll(() => app.close());

test('logins of strangers fill the queue for strangers, and not for a client that the account knows', async () => {
  const home = { 'x-forwarded-for': '198.51.100.7' };
  const { username, password } = await app.user();
  const logIn = async (input: { username: string; password: string }, headers: Record<string, string>) =>
    (await app.gql(LoginDocument, { input }, headers)).body.errors?.[0]?.extensions?.code ?? 'ok';
  expect(await logIn({ username, password }, home)).toBe('ok');

  let isOver = false;
  const outcomes = new Set<string>();
  const strangers = Array.from({ length: 8 }, async (_, i) => {
    for (let n = 0; !isOver; n++)
      outcomes.add(
        await logIn({ username: `nobody-${i}-${n}`, password }, { 'x-forwarded-for': `203.0.113.${i + 1}` }),
      );
  });
  for (let i = 0; i < 5; i++) expect(await logIn({ username, password }, home)).toBe('ok');
  isOver = true;
  await Promise.all(strangers);
  expect([...outcomes].sort()).toEqual(['INVALID_CREDENTIALS', 'SERVICE_UNAVAILABLE']);
});
