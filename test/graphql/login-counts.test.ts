import { LoginDocument } from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';

const COUNTS = `query ($step: TimeStep! = HOUR, $at: PeriodInput) {
  loginCounts(step: $step, at: $at) { from succeeded failed }
}`;

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { ACCESS_TOKEN_TTL: '20000' } });
});
afterAll(() => app.close());

type Counts = { from: string; succeeded: number; failed: number }[];
const countsOf = async (variables: Record<string, unknown>, token: string) =>
  (await app.data(COUNTS, variables, token)).loginCounts as Counts;

test('logins and failures are counted in the hour that they were in, and hours without any are shown', async () => {
  const from = app.clock.now();
  const user = await app.user({ permissions: ['READ_LOGIN_ATTEMPTS'] });
  await app.gql(LoginDocument, { input: { username: user.username, password: 'a wrong password' } });
  app.clock.advance(7200);
  const { token } = await app.user({ permissions: ['READ_LOGIN_ATTEMPTS'] });
  const until = new Date(from.getTime() + 3 * 3_600_000);
  const loginCounts = await countsOf({ at: { from, until } }, token);
  expect(loginCounts).toEqual([
    { from: from.toISOString(), succeeded: expect.any(Number), failed: 1 },
    { from: new Date(from.getTime() + 3_600_000).toISOString(), succeeded: 0, failed: 0 },
    { from: new Date(from.getTime() + 7_200_000).toISOString(), succeeded: expect.any(Number), failed: 0 },
  ]);
  expect(loginCounts[0]!.succeeded).toBeGreaterThan(0);
  expect(loginCounts[2]!.succeeded).toBeGreaterThan(0);
});

test.each([
  ['HOUR', 24],
  ['DAY', 30],
])('without a period, steps of %s are counted until now', async (step, size) => {
  const { token } = await app.user({ permissions: ['READ_LOGIN_ATTEMPTS'] });
  expect(await countsOf({ step }, token)).toHaveLength(size);
});

test('a period of more steps than a chart can show is refused', async () => {
  const { token } = await app.user({ permissions: ['READ_LOGIN_ATTEMPTS'] });
  const { body } = await app.gql(COUNTS, { at: { from: new Date(0) } }, token);
  expect(body.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('live sessions of all users are counted', async () => {
  const { token } = await app.user({ permissions: ['READ_SESSIONS'] });
  const count = async () => Number((await app.data('{ sessionCount }', {}, token)).sessionCount);
  const before = await count();
  const user = await app.user();
  expect(await count()).toBe(before + 1);
  await app.data('mutation { revokeAllSessions { count } }', {}, user.token);
  expect(await count()).toBe(before);
});

test('a client learns without a token who may register and how long a password is', async () => {
  const query = '{ settings { registration passwordMinLength kongSignIn } }';
  expect(await app.data(query)).toEqual({
    settings: { registration: 'OPEN', passwordMinLength: 6, kongSignIn: false },
  });
  const closed = await startApp({ env: { REGISTRATION: 'invite', PASSWORD_MIN_LENGTH: '12' } });
  expect(await closed.data(query)).toEqual({
    settings: { registration: 'INVITE', passwordMinLength: 12, kongSignIn: false },
  });
  await closed.close();
});
