import { CreateUserDocument, LoginDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';

let app: TestApp;
afterEach(() => app.close());

const register = (username: string, { token, from = '192.0.2.1' }: { token?: string; from?: string } = {}) =>
  app.gql(
    CreateUserDocument,
    { input: { username, password: PASSWORD } },
    { 'x-forwarded-for': from, ...(token && { authorization: `Bearer ${token}` }) },
  );

test('registrations of one client network are limited on every channel, except by callers with CREATE_USER', async () => {
  app = await startApp({ env: { REGISTRATION_RATE_LIMIT: '3/60', TRUST_PROXY: '1' } });
  for (const name of ['one-1', 'one-2', 'one-3']) expect((await register(name)).body.errors).toBeUndefined();
  const refused = (await register('one-4')).body.errors![0]!;
  expect(refused.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });

  const overRest = await fetch(`${app.origin}/identity/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' },
    body: JSON.stringify({ username: 'one-5', password: PASSWORD }),
  });
  expect(overRest.status).toBe(429);
  expect(Number(overRest.headers.get('retry-after'))).toBeGreaterThan(0);

  expect((await register('two-1', { from: '192.0.2.2' })).body.errors).toBeUndefined();
  const admin = await app.admin();
  for (const name of ['one-6', 'one-7', 'one-8', 'one-9'])
    expect((await register(name, { token: admin })).body.errors).toBeUndefined();
});

test('a flood of registrations leaves the hashing threads to logins, with and without a token', async () => {
  app = await startApp({ env: { BCRYPT_COST: '10', PASSWORD_WORKERS: '1', PASSWORD_QUEUE: '40' } });
  const user = await app.user({ username: 'already-there' });
  const admin = await app.admin();
  const done: string[] = [];
  const flood = Array.from({ length: 60 }, async (_, i) => {
    const { body } = await register(`flood-${i}`, i % 2 === 0 ? { token: admin } : {});
    if (!body.errors) done.push('registration');
    return body.errors?.[0]?.extensions?.code ?? 'ok';
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const login = async () => {
    const { body } = await app.gql(LoginDocument, { input: { username: user.username, password: PASSWORD } });
    done.push('login');
    return body.errors;
  };
  expect(await Promise.all([login(), login(), login()])).toEqual([undefined, undefined, undefined]);
  const outcomes = await Promise.all(flood);
  // at most 20 wait: the others are refused at once
  expect(outcomes.filter((outcome) => outcome === 'SERVICE_UNAVAILABLE').length).toBeGreaterThanOrEqual(30);
  expect(outcomes.filter((outcome) => outcome === 'ok').length).toBeGreaterThan(0);
  expect(done.lastIndexOf('login')).toBeLessThan(done.length - 5);
  expect(app.logs.filter(({ err }) => err !== undefined)).toEqual([]);
});
