import { print } from 'graphql';
import { CreateUserDocument, DisableUserDocument, LoginDocument } from '../../src/rest/generated/operations';
import { ADMIN, startApp, type TestApp } from '../support/app';

const TRIES = 200;
/**
 * Of bcrypt, so that its one computation is about half of the time: the rest has to be alike as
 * well.
 */
const COST = '6';
/**
 * How far the chance that a try of one kind takes longer than one of another may be from one half
 * (Mann-Whitney). For equal distributions and 200 tries its standard deviation is 0.029: five of
 * them, so that noise does not fail the test.
 */
const BOUND = 0.145;
const LONG_PASSWORD = 'a password long enough for strict';

interface Answer {
  ms: number;
  text: string;
}

/** U / (n · m): the chance that `a` is greater than `b`. */
function chanceOfGreater(a: readonly number[], b: readonly number[]): number {
  const sorted = [...b].sort((x, y) => x - y);
  const below = (value: number) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return a.reduce((sum, value) => sum + below(value), 0) / (a.length * b.length);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

test('the statistic sees a difference of a fifth, and none in one distribution', () => {
  const draw = (shift: number) =>
    Array.from({ length: TRIES }, () => (5 + Math.random() + (Math.random() < 0.1 ? 5 : 0)) * (1 + shift));
  expect(Math.abs(chanceOfGreater(draw(0), draw(0)) - 0.5)).toBeLessThan(BOUND);
  expect(Math.abs(chanceOfGreater(draw(0.2), draw(0)) - 0.5)).toBeGreaterThan(BOUND);
});

const env = { BCRYPT_COST: COST, LOGIN_RATE_LIMIT: '1000000/60', ADMIN_PASSWORD: LONG_PASSWORD };

describe.each([
  { channel: 'GraphQL', profile: 'documented', path: '/graphql' },
  { channel: 'the session contract', profile: 'documented', path: '/api/auth/login' },
  { channel: 'the identity contract in the strict profile', profile: 'strict', path: '/identity/auth/token' },
])('at $channel', ({ profile, path }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ env: { ...env, SECURITY_PROFILE: profile } });
  });
  afterAll(() => app?.close());

  const bodyOf = (username: string, password: string) => {
    if (path === '/graphql') return { query: print(LoginDocument), variables: { input: { username, password } } };
    return path.startsWith('/api') ? { email: username, password } : { username, password };
  };
  async function attempt(username: string, password: string): Promise<Answer> {
    const body = JSON.stringify(bodyOf(username, password));
    const startedAt = performance.now();
    const response = await fetch(app.origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    const ms = performance.now() - startedAt;
    const headers = [...response.headers].filter(([name]) => !['date', 'keep-alive', 'connection'].includes(name));
    return { ms, text: JSON.stringify([response.status, headers, text]) };
  }

  test(`unknown user, wrong password, and disabled account with a wrong password: one answer, in one time, over ${TRIES} tries each`, async () => {
    for (const username of ['present', 'disabled']) {
      const input = { username, email: `${username}@example.org`, password: LONG_PASSWORD };
      await app.data(CreateUserDocument, { input });
    }
    const [{ id }] = (await app.sql<{ id: string }>(`select id from users where username = 'disabled'`)) as [
      { id: string },
    ];
    const { login } = await app.data(LoginDocument, { input: { username: ADMIN.username, password: LONG_PASSWORD } });
    await app.data(DisableUserDocument, { input: { id } }, login!.tokens.accessToken);

    const kinds = { unknown: 'nowhere@example.org', wrong: 'present@example.org', disabled: 'disabled@example.org' };
    const times: Record<string, number[]> = { unknown: [], wrong: [], disabled: [] };
    const texts = new Set<string>();
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    for (let i = -10; i < TRIES; i++) {
      // each kind as often first as last
      for (let k = 0; k < names.length; k++) {
        const kind = names[(k + i + 30) % names.length]!;
        const { ms, text } = await attempt(kinds[kind], `wrong password ${i}`);
        texts.add(text);
        if (i >= 0) times[kind]!.push(ms); // the first ones warm up
      }
    }
    expect([...texts]).toHaveLength(1);
    expect([...texts][0]).toMatch(/^\[(200|401),/);

    const figures = names.map((kind) => `${kind} ${median(times[kind]!).toFixed(2)} ms`);
    const pairs: [string, string][] = [
      ['unknown', 'wrong'],
      ['disabled', 'wrong'],
      ['unknown', 'disabled'],
    ];
    for (const [a, b] of pairs) {
      const chance = chanceOfGreater(times[a]!, times[b]!);
      figures.push(`P(${a} > ${b}) ${chance.toFixed(3)}`);
      if (Math.abs(chance - 0.5) > BOUND)
        throw new Error(`${a} and ${b} can be told apart by time: ${figures.join(', ')}`);
    }
    if (process.env.FIGURES) process.stdout.write(`${path}: ${figures.join(', ')}\n`);
  }, 120_000);

  test('the right password of a disabled account alone says that it is disabled', async () => {
    const { text } = await attempt('disabled@example.org', LONG_PASSWORD);
    expect(text).toMatch(/ACCOUNT_DISABLED|1007/);
  });
});
