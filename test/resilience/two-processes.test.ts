import { MeDocument, RefreshDocument } from '../../src/rest/generated/operations';
import { eventually } from '../support/eventually';
import type { Environment, ServerProcess } from '../support/processes';
import { describeWithPrivateRedis, describeWithRedis, type PrivateRedis, startPrivateRedis } from '../support/redis';
import { endings, ServerPair } from './server-pair';

function sameOnBoth(env: () => Environment, whileRunning?: { before(pair: ServerPair): Promise<void> }): void {
  let pair: ServerPair;
  beforeAll(async () => {
    pair = await ServerPair.start(env());
    await whileRunning?.before(pair);
  });
  afterAll(() => pair.stop());

  test.each(endings.map((ending) => [ending.what, ending] as const))(
    '%s on one process ends the token on the other',
    async (what, ending) => {
      const ask = await pair.carryOut(ending);
      const outcomes = new Set<string>();
      await eventually(`the other process refuses after ${what}`, async () => {
        const outcome = await ask();
        outcomes.add(outcome);
        return outcome === ending.refusal;
      });
      outcomes.delete('ok');
      expect([...outcomes]).toEqual([ending.refusal]);
    },
  );

  test.each([2, 3, 20])('%i refreshes of one token, on both at once, give one successor', async (count) => {
    const { tokens } = await pair.a.user();
    const input = { refreshToken: tokens.refreshToken };
    const all = await Promise.all(
      Array.from({ length: count }, (_, i) => (i % 2 ? pair.a : pair.b).data(RefreshDocument, { input })),
    );
    expect(new Set(all.map(({ refresh }) => refresh!.tokens.refreshToken)).size).toBe(1);
    for (const { refresh } of all) expect(await pair.b.outcome(MeDocument, {}, refresh!.tokens.accessToken)).toBe('ok');
  });

  test('what one has given shows on the other with the next token', async () => {
    const { username } = await pair.a.user({ permissions: ['READ_ROLES'] });
    const { accessToken } = await pair.b.login(username);
    expect(await pair.b.outcome('{ roles { name } }', {}, accessToken)).toBe('ok');
    expect(await pair.a.outcome('{ roles { name } }', {}, accessToken)).toBe('ok');
  });
}

describe('without Redis', () => {
  sameOnBoth(() => ({}));
});

describeWithRedis('with Redis', (redis) => {
  sameOnBoth(() => ({ REDIS_URL: redis.url }));
});

describeWithPrivateRedis('with a Redis that has stopped', () => {
  let redis: PrivateRedis;
  beforeAll(async () => {
    redis = await startPrivateRedis();
  });

  sameOnBoth(() => ({ REDIS_URL: redis.url }), {
    before: async ({ a, b }) => {
      const ready = async (server: ServerProcess) => (await fetch(`${server.origin}/health/ready`)).json();
      const dependencies = { database: 'up', redis: 'up', 'change-feed': 'up' };
      expect(await ready(a)).toEqual({ status: 'ok', dependencies });
      await redis.stop();
      for (const server of [a, b])
        await eventually(
          'the loss is noticed',
          async () => ((await ready(server)) as { dependencies: Record<string, string> }).dependencies.redis === 'down',
        );
    },
  });
});

describeWithRedis('login limits with Redis', (redis) => {
  test('are counted together: five failures on two processes are five', async () => {
    const pair = await ServerPair.start({ REDIS_URL: redis.url, LOGIN_RATE_LIMIT: '5/60' });
    const { username } = await pair.a.user();
    const wrong = { input: { username, password: 'wrong' } };
    const login = 'mutation($input: LoginInput!) { login(input: $input) { user { id } } }';
    const outcomes: string[] = [];
    for (let i = 0; i < 7; i++) outcomes.push(await (i % 2 ? pair.a : pair.b).outcome(login, wrong));
    expect(outcomes).toEqual([...Array(5).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED', 'RATE_LIMITED']);
    await pair.stop();
  });
});
