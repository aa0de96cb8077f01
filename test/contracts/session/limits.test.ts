import { PASSWORD } from '../../support/app';
import { describeWithRedis } from '../../support/redis';
import { english, refused, type SessionWorld, startSessions } from './support';

const env = { LOGIN_RATE_LIMIT: '5/60', TRUST_PROXY: '1' };
const from = (address: string) => ({ 'x-forwarded-for': address });

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessions({ env });
});
afterAll(() => world.app.close());

const login = (email: string, password: string, address: string, headers = {}) =>
  world.main.call('POST /auth/login', { body: { email, password }, headers: { ...from(address), ...headers } });
const statuses = async (times: number, work: (i: number) => Promise<{ status: number }>) => {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push((await work(i)).status);
  return all;
};

test('the sixth login of a minute is 429 with the waiting time, although the five before were right', async () => {
  const { email } = await world.person();
  const begun = Date.now();
  expect(await statuses(5, () => login(email, PASSWORD, '198.51.100.1'))).toEqual([200, 200, 200, 200, 200]);
  const { status, headers, body } = await login(email, PASSWORD, '198.51.100.1');
  expect({ status, body }).toEqual({ status: 429, body: refused(429, 'RATE_LIMITED', 'Vui lòng thử lại sau') });
  expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(59 - (Date.now() - begun) / 1000);
  expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect((await login(email, PASSWORD, '198.51.100.1', english)).body).toEqual(
    refused(429, 'RATE_LIMITED', 'Too many requests'),
  );
});

test('counted per address of the client and e-mail: others are not held up', async () => {
  const [one, other] = [await world.person(), await world.person()];
  expect(await statuses(6, () => login(one.email, PASSWORD, '198.51.100.2'))).toEqual([200, 200, 200, 200, 200, 429]);
  expect((await login(other.email, PASSWORD, '198.51.100.2')).status).toBe(200);
  expect((await login(one.email, PASSWORD, '198.51.100.3')).status).toBe(200);
});

test('the case of an address makes no other counter, and failures are among the five', async () => {
  const { email } = await world.person();
  const names = [email, email.toUpperCase(), email, `P${email.slice(1)}`, email, email];
  expect(await statuses(6, (i) => login(names[i]!, i % 2 ? PASSWORD : 'wrong', '198.51.100.4'))).toEqual([
    401, 200, 401, 200, 401, 429,
  ]);
});

test('on both ports and at once', async () => {
  const { email } = await world.person();
  const body = { email, password: PASSWORD };
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? world.main : world.gateway).call('POST /auth/login', { body, headers: from('198.51.100.5') }),
    ),
  );
  expect(all.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(all.filter(({ status }) => status === 429)).toHaveLength(15);
});

test('failures here and at GraphQL and at the identity contract share one counter', async () => {
  const { email, username } = await world.person();
  const identity = async () =>
    fetch(`${world.app.origin}/identity/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...from('198.51.100.6') },
      body: JSON.stringify({ username, password: 'wrong' }),
    });
  const graphql = async () => {
    const query = 'mutation($i: LoginInput!) { login(input: $i) { user { id } } }';
    const { body } = await world.app.gql(query, { i: { username: email, password: 'wrong' } }, from('198.51.100.6'));
    return body.errors![0]!.extensions!.code;
  };
  expect((await login(email, 'wrong', '198.51.100.6')).status).toBe(401);
  expect((await identity()).status).toBe(401);
  expect(await graphql()).toBe('INVALID_CREDENTIALS');
  expect((await identity()).status).toBe(401);
  expect((await login(email, 'wrong', '198.51.100.6')).status).toBe(401);
  expect(await graphql()).toBe('RATE_LIMITED');
  const refusal = await identity();
  expect([refusal.status, await refusal.json()]).toEqual([429, { code: 1010, message: 'Too many requests' }]);
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await login(email, PASSWORD, '198.51.100.6')).status).toBe(429);
});

test('a failed attempt is recorded with time, identifier, address, user agent and reason', async () => {
  const { id, email } = await world.person();
  await login(email, 'Secret-typo-5', '198.51.100.7', { 'user-agent': 'Phone/7' });
  const rows = await world.app.sql('select * from login_attempts where user_id = $1 order by id desc limit 1', [id]);
  expect(rows).toEqual([
    {
      id: expect.any(String),
      at: expect.any(Date),
      identifier: email,
      user_id: id,
      channel: 'session',
      address: '198.51.100.7',
      user_agent: 'Phone/7',
      outcome: 'wrong-password',
      count: 1,
    },
  ]);
});

describeWithRedis('two servers', (redis) => {
  test('share the five requests of a minute', async () => {
    const one = await startSessions({ env: { ...env, REDIS_URL: redis.url } });
    const other = await startSessions({ env: { ...env, REDIS_URL: redis.url } });
    const body = { email: 'somebody@example.org', password: 'x' };
    const all = await statuses(8, (i) =>
      (i % 2 ? one : other).main.call('POST /auth/login', { body, headers: from('198.51.100.8') }),
    );
    expect(all).toEqual([...Array(5).fill(401), ...Array(3).fill(429)]);
    await Promise.all([one.app.close(), other.app.close()]);
  });
});
