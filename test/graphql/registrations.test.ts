import { Piscina } from 'piscina';
import { CreateUserDocument, LoginDocument } from '../../src/rest/generated/operations';
import { PasswordHasher } from '../../src/security/passwords/password-hasher';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';

let app: TestApp;
afterEach(async () => {
  jest.restoreAllMocks();
  await app.close();
});

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
  app = await startApp({ env: { PASSWORD_WORKERS: '1', PASSWORD_QUEUE: '40' } });
  const user = await app.user({ username: 'already-there' });
  const admin = await app.admin();
  const thread = holdHashing();
  const done: string[] = [];
  const refused: string[] = [];
  const flood = Array.from({ length: 60 }, async (_, i) => {
    const { body } = await register(`flood-${i}`, i % 2 === 0 ? { token: admin } : {});
    if (body.errors) refused.push(body.errors[0]!.extensions!.code!);
    else done.push('registration');
  });
  // 20 may wait and one is being hashed: the others are refused at once
  await eventually('the refusals', () => refused.length === 39);
  expect(new Set(refused)).toEqual(new Set(['SERVICE_UNAVAILABLE']));
  const verify = jest.spyOn(PasswordHasher.prototype, 'verifyFirst');
  const logins = Array.from({ length: 3 }, async () => {
    const { body } = await app.gql(LoginDocument, { input: { username: user.username, password: PASSWORD } });
    done.push('login');
    return body.errors;
  });
  await eventually('the logins wait', () => verify.mock.calls.length === 3);
  thread.release();
  expect(await Promise.all(logins)).toEqual([undefined, undefined, undefined]);
  await Promise.all(flood);
  expect(thread.order.slice(0, 4)).toEqual(['hash', 'compare', 'compare', 'compare']);
  expect(done.filter((kind) => kind === 'registration')).toHaveLength(21);
  expect(app.logs.filter(({ err }) => err !== undefined)).toEqual([]);
});

/** Keeps the tasks of the hashing threads until they are released, and notes their order. */
function holdHashing(): { release(): void; order: string[] } {
  const order: string[] = [];
  const { run } = Piscina.prototype;
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  jest.spyOn(Piscina.prototype, 'run').mockImplementation(async function (this: Piscina, task) {
    order.push(task.kind);
    await isReleased;
    return run.call(this, task);
  });
  return { release, order };
}
