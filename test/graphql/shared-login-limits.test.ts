import { ChangePasswordDocument, LoginDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { describeWithPrivateRedis, describeWithRedis, type PrivateRedis, startPrivateRedis } from '../support/redis';
import { lookInto, untilWhole } from '../support/sessions';

const WRONG = 'INVALID_CREDENTIALS';
const LIMITED = 'RATE_LIMITED';
const env = { LOGIN_RATE_LIMIT: '5/60', TRUST_PROXY: '1' };

const from = (address: string) => ({ 'x-forwarded-for': address });
const attempt = async (at: TestApp, username: string, password: string, address: string): Promise<string> => {
  const { body } = await at.gql(LoginDocument, { input: { username, password } }, from(address));
  return body.errors?.[0]?.extensions?.code ?? 'ok';
};
const count = (outcomes: string[], outcome: string) => outcomes.filter((each) => each === outcome).length;
const many = (times: number, work: (i: number) => Promise<string>) =>
  Promise.all(Array.from({ length: times }, (_, i) => work(i)));

describe('right passwords', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ env });
  });
  afterAll(() => app.close());

  test('succeed, however many come at once from one address', async () => {
    const { username } = await app.user();
    expect(await many(60, () => attempt(app, username, PASSWORD, '198.51.100.20'))).toEqual(Array(60).fill('ok'));
  });

  test('succeed at once for many users behind one address', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => app.user()));
    const outcomes = await many(120, (i) => attempt(app, users[i % 12]!.username, PASSWORD, '198.51.100.21'));
    expect(outcomes).toEqual(Array(120).fill('ok'));
  });

  test('give no more guesses: of forty guesses and ten right ones at once at most five guesses between two right ones', async () => {
    const { username } = await app.user();
    const outcomes = await many(50, (i) =>
      attempt(app, username, i % 5 === 4 ? PASSWORD : `guess ${i}`, '198.51.100.22'),
    );
    expect(count(outcomes, WRONG)).toBeLessThanOrEqual(5 * (count(outcomes, 'ok') + 1));
    expect(await attempt(app, username, 'another guess', '198.51.100.23')).toBe(WRONG);
  });
});

describe('one account', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ env });
  });
  afterAll(() => app.close());

  test('is not locked for its owner by other clients; a success resets their counters', async () => {
    const { username } = await app.user();
    expect(await attempt(app, username, PASSWORD, '203.0.113.50')).toBe('ok');
    for (let round = 0; round < 3; round++) {
      await many(60, (i) => attempt(app, username, 'wrong', `192.0.2.${i}`));
      expect(await attempt(app, username, 'mistyped', '203.0.113.50')).toBe(WRONG);
      expect(await attempt(app, username, PASSWORD, '203.0.113.50')).toBe('ok');
    }
  });
});

describeWithRedis('with Redis', (redis) => {
  let database: TestDatabase;
  let one: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    database = await createTestDatabase();
    one = await startApp({ database, env: { ...env, REDIS_URL: redis.url } });
    other = await startApp({ database, env: { ...env, REDIS_URL: redis.url }, clock: one.clock });
  });
  afterAll(async () => {
    await Promise.allSettled([one.close(), other.close()]);
    await database.drop();
  });

  test('two servers share the counters, also when everything comes at once', async () => {
    const [slow, quick] = [await one.user(), await one.user()];
    const outcomes: string[] = [];
    for (let i = 0; i < 8; i++)
      outcomes.push(await attempt(i % 2 ? one : other, slow.username, 'wrong', '198.51.100.1'));
    expect(outcomes).toEqual([...Array(5).fill(WRONG), ...Array(3).fill(LIMITED)]);
    const atOnce = await many(50, (i) => attempt(i % 2 ? one : other, quick.username, `guess ${i}`, '198.51.100.1'));
    expect([count(atOnce, WRONG), count(atOnce, LIMITED)]).toEqual([5, 45]);
  });

  test('aliases in one request and requests to both servers count alike', async () => {
    const { username } = await one.user();
    const fields = Array.from(
      { length: 20 },
      (_, i) => `a${i}: login(input: { username: $u, password: "guess ${i}" }) { user { id } }`,
    );
    const ask = (at: TestApp) =>
      at.gql(`mutation($u: String!) { ${fields.join(' ')} }`, { u: username }, from('198.51.100.2'));
    const bodies = (await Promise.all([ask(one), ask(other)])).map(({ body }) => body);
    const codes = bodies.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions!.code!));
    expect([count(codes, WRONG), count(codes, LIMITED)]).toEqual([5, 35]);
  });

  test('user name, e-mail address and the current password of a change share the counter over both', async () => {
    const user = await one.user({ email: 'shared@example.org' });
    const change = () =>
      one.gql(
        ChangePasswordDocument,
        { input: { currentPassword: 'wrong', newPassword: 'long enough' } },
        { authorization: `Bearer ${user.token}`, ...from('198.51.100.3') },
      );
    await attempt(one, user.username, 'wrong', '198.51.100.3');
    await attempt(other, 'SHARED@example.org', 'wrong', '198.51.100.3');
    await change();
    await attempt(other, 'shared@example.org', 'wrong', '198.51.100.3');
    expect((await change()).body.errors?.[0]?.extensions?.code).toBe(WRONG);
    expect((await change()).body.errors?.[0]?.extensions?.code).toBe(LIMITED);
    expect(await attempt(other, user.username, PASSWORD, '198.51.100.3')).toBe(LIMITED);
    // the failures of a server are forgiven by a success at the other
    expect(await attempt(other, user.username, PASSWORD, '198.51.100.4')).toBe('ok');
  });

  test('an address that is known at one server is known at the other', async () => {
    const { username } = await one.user();
    expect(await attempt(one, username, PASSWORD, '203.0.113.1')).toBe('ok');
    await many(60, (i) => attempt(i % 2 ? one : other, username, 'wrong', `192.0.2.${i}`));
    expect(await attempt(other, username, PASSWORD, '192.0.2.59')).toBe(LIMITED);
    expect(await attempt(other, username, PASSWORD, '203.0.113.1')).toBe('ok');
  });

  test('keys in Redis name no user and no address, and expire', async () => {
    const { username } = await one.user({ email: 'private@example.org' });
    await attempt(one, username, 'wrong', '198.51.100.5');
    await lookInto(redis.url, async (client) => {
      const keys = (await client.keys('*')).filter((key) => /^(login|code)/.test(key));
      expect(keys.length).toBeGreaterThan(5);
      for (const key of keys) {
        expect(key).not.toMatch(/private|example|user\d|198\.51/);
        expect(await client.ttl(key)).toBeGreaterThan(0);
      }
    });
  });
});

describeWithPrivateRedis('when Redis goes away', () => {
  let redis: PrivateRedis;
  let app: TestApp;
  beforeAll(async () => {
    redis = await startPrivateRedis();
    app = await startApp({ env: { ...env, REDIS_URL: redis.url } });
  });
  afterAll(async () => {
    await app.close();
    await redis.stop();
  });

  test('the process counts on its own, without errors; when Redis is back it counts there again', async () => {
    const [before, during, frozen, after] = [await app.user(), await app.user(), await app.user(), await app.user()];
    const guess = async (username: string) => {
      const outcomes: string[] = [];
      for (let i = 0; i < 8; i++) outcomes.push(await attempt(app, username, 'wrong', '198.51.100.1'));
      return outcomes;
    };
    const held = [...Array(5).fill(WRONG), ...Array(3).fill(LIMITED)];
    expect(await guess(before.username)).toEqual(held);

    await redis.stop();
    expect(await guess(during.username)).toEqual(held);
    expect(
      await many(30, (i) => attempt(app, 'somebody', `guess ${i}`, '198.51.100.2')).then((all) => count(all, WRONG)),
    ).toBe(5);
    expect(await attempt(app, during.username, PASSWORD, '198.51.100.3')).toBe('ok');

    await redis.start();
    await untilWhole(app);
    await attempt(app, 'probe', 'wrong', '198.51.100.4');
    expect(await lookInto(redis.url, (client) => client.keys('login:pair:*'))).toHaveLength(1);
    redis.pause();
    try {
      expect(await guess(frozen.username)).toEqual(held);
    } finally {
      redis.resume();
    }
    await untilWhole(app);
    expect(await guess(after.username)).toEqual(held);
  });
});
