import { createServer, type Server } from 'node:net';
import pino from 'pino';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { StoreUnavailableError } from '../../src/stores/key-value-store';
import { RedisStore } from '../../src/stores/redis.store';
import { describeWithPrivateRedis, type PrivateRedis, startPrivateRedis } from '../support/redis';

/** What the port promises. */
const FAIL_FAST_MS = 500;
/** How late a busy machine may be, not the store. */
const TOLERANCE_MS = 250;

const lines: { level: number; msg: string; redis: string }[] = [];
const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
const stores: RedisStore[] = [];
const open = (url: string): RedisStore => {
  const store = new RedisStore({ url, logger });
  stores.push(store);
  return store;
};
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  lines.length = 0;
});

async function until(condition: () => boolean, withinMs = 5000): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > withinMs) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function expectFastRefusal(store: RedisStore): Promise<void> {
  const startedAt = performance.now();
  const operations = [store.get('a'), store.set('a', 'b', 1000), store.delete('a')];
  const outcomes = await Promise.allSettled(operations);
  for (const outcome of outcomes)
    expect(outcome).toEqual({ status: 'rejected', reason: expect.any(StoreUnavailableError) });
  expect(performance.now() - startedAt).toBeLessThan(FAIL_FAST_MS + TOLERANCE_MS);
  expect(store.isHealthy()).toBe(false);
}

describe('nothing there at the start', () => {
  test('nobody listens: the store is there at once, unhealthy, and refuses', async () => {
    const startedAt = performance.now();
    const store = open('redis://:secret@127.0.0.1:1');
    expect(store.isHealthy()).toBe(false);
    expect(await store.waitForFirstAttempt(2000)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(FAIL_FAST_MS);
    await expectFastRefusal(store);
    expect(lines).toEqual([expect.objectContaining({ level: 40, redis: '127.0.0.1:1' })]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('somebody listens and never answers: the wait at the start ends, operations refuse, closing works', async () => {
    const silent = await listenSilently();
    const store = open(`redis://127.0.0.1:${(silent.address() as { port: number }).port}`);
    const startedAt = performance.now();
    expect(await store.waitForFirstAttempt(200)).toBe(false);
    await expectFastRefusal(store);
    await store.close();
    expect(performance.now() - startedAt).toBeLessThan(200 + FAIL_FAST_MS + TOLERANCE_MS);
    silent.close();
  });

  test('an address that is no URL is a mistake, not an outage', () => {
    expect(() => open('nowhere')).toThrow('Invalid URL');
  });
});

describeWithPrivateRedis('a Redis that goes and comes', () => {
  let redis: PrivateRedis;
  beforeAll(async () => {
    redis = await startPrivateRedis();
  });
  afterAll(() => redis.stop());

  test('killed and started again: refuses at once, then works and tells its listeners, with one line in the log for each', async () => {
    const store = open(redis.url);
    expect(await store.waitForFirstAttempt(2000)).toBe(true);
    let returns = 0;
    const stopListening = store.onReconnect(() => returns++);
    await store.set('kept', 'value', 60_000);

    await redis.stop();
    await until(() => !store.isHealthy());
    await expectFastRefusal(store);
    await redis.start();
    await until(() => store.isHealthy());
    expect(returns).toBe(1);
    expect(await store.get('kept')).toBeNull();
    await store.set('kept', 'again', 60_000);
    expect(await store.get('kept')).toBe('again');
    expect(lines.map(({ level }) => level)).toEqual([40, 30]);

    stopListening();
    await redis.stop();
    await until(() => !store.isHealthy());
    await redis.start();
    await until(() => store.isHealthy());
    expect(returns).toBe(1);
  });

  test('away at the start and there later: connects by itself and tells its listeners', async () => {
    await redis.stop();
    const store = open(redis.url);
    const returned = new Promise<void>((resolve) => store.onReconnect(resolve));
    expect(await store.waitForFirstAttempt(2000)).toBe(false);
    await redis.start();
    await returned;
    expect([store.isHealthy(), await store.get('n')]).toEqual([true, null]);
  });

  test('frozen: refuses within its time, then at once, and works when it thaws', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(2000);
    redis.pause();
    await expectFastRefusal(store);
    const startedAt = performance.now();
    await expect(store.get('a')).rejects.toThrow(StoreUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(50);
    redis.resume();
    await until(() => store.isHealthy());
    expect(await store.get('a')).toBeNull();
  });

  test('frozen while nobody asks: the heartbeat notices', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(2000);
    redis.pause();
    await until(() => !store.isHealthy());
    redis.resume();
    await until(() => store.isHealthy());
  });

  test('flushed: forgets, and stays healthy', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(2000);
    await store.set('a', 'b', 60_000);
    await redis.flush();
    expect([await store.get('a'), store.isHealthy()]).toEqual([null, true]);
  });

  test('this process stands still for longer than the time limit: the answer counts all the same', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(2000);
    await store.set('a', 'b', 60_000);
    const answer = store.get('a');
    const end = performance.now() + 800;
    while (performance.now() < end);
    expect([await answer, store.isHealthy()]).toEqual(['b', true]);
  });

  test('a listener that throws stops neither the others nor the store', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(2000);
    let told = 0;
    store.onReconnect(() => {
      throw new Error('broken');
    });
    store.onReconnect(() => told++);
    await redis.stop();
    await redis.start();
    await until(() => told === 1);
    expect(await store.get('a')).toBeNull();
  });

  test('the limiter counts in Redis, exactly, and goes on in memory while Redis is frozen or gone', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(2000);
    const limits = { points: 3, duration: 60, keyPrefix: 'login' };
    const limiter = new RateLimiterRedis({
      ...limits,
      storeClient: store.limiterClient,
      useRedisPackage: true,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(limits),
    });
    const accepted = async (): Promise<number> =>
      (await Promise.allSettled(Array.from({ length: 50 }, () => limiter.consume('address')))).filter(
        ({ status }) => status === 'fulfilled',
      ).length;
    expect(await accepted()).toBe(3);
    expect(await limiter.get('address')).toMatchObject({ consumedPoints: 50, remainingPoints: 0 });
    expect(await limiter.delete('address')).toBe(true);

    redis.pause();
    const startedAt = performance.now();
    expect(await accepted()).toBe(3);
    expect(performance.now() - startedAt).toBeLessThan(FAIL_FAST_MS + TOLERANCE_MS);
    redis.resume();
    await until(() => store.isHealthy());
    await redis.stop();
    await until(() => !store.isHealthy());
    await expect(limiter.consume('address')).rejects.toMatchObject({ remainingPoints: 0 });
    await redis.start();
  });
});

async function listenSilently(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}
