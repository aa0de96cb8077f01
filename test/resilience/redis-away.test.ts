import { createServer, type Server } from 'node:net';
import pino from 'pino';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { StoreUnavailableError } from '../../src/stores/key-value-store';
import { RedisStore } from '../../src/stores/redis.store';
import { eventually } from '../support/eventually';
import { describeWithPrivateRedis, type PrivateRedis, startPrivateRedis } from '../support/redis';

/** For the first connection, on a machine of any speed. */
const PATIENCE_MS = 60_000;

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

const isBack = (store: RedisStore) => eventually('Redis is back', () => store.isHealthy());
const isAway = (store: RedisStore) => eventually('Redis is away', () => !store.isHealthy());

async function expectRefusal(store: RedisStore): Promise<void> {
  const operations = [store.get('a'), store.set('a', 'b', 1000), store.delete('a')];
  const outcomes = await Promise.allSettled(operations);
  for (const outcome of outcomes)
    expect(outcome).toEqual({ status: 'rejected', reason: expect.any(StoreUnavailableError) });
  expect(store.isHealthy()).toBe(false);
}

describe('nothing there at the start', () => {
  test('nothing listens: the store is there, unhealthy, and refuses', async () => {
    const store = open('redis://:secret@127.0.0.1:1');
    expect(store.isHealthy()).toBe(false);
    expect(await store.waitForFirstAttempt(PATIENCE_MS)).toBe(false);
    await expectRefusal(store);
    expect(lines).toEqual([expect.objectContaining({ level: 40, redis: '127.0.0.1:1' })]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('a server that never answers: the wait at the start ends, operations refuse, closing works', async () => {
    const silent = await listenSilently();
    const store = open(`redis://127.0.0.1:${(silent.address() as { port: number }).port}`);
    expect(await store.waitForFirstAttempt(200)).toBe(false);
    await expectRefusal(store);
    await store.close();
    silent.close();
  });

  test('an address that is no URL is a mistake, not an outage', () => {
    expect(() => open('nowhere')).toThrow('must be redis://host:port');
  });
});

describeWithPrivateRedis('a Redis that goes and comes', () => {
  let redis: PrivateRedis;
  beforeAll(async () => {
    redis = await startPrivateRedis();
  });
  afterAll(() => redis.stop());

  test('killed and started again: refuses, then works and calls its listeners, with one line in the log for each', async () => {
    const store = open(redis.url);
    expect(await store.waitForFirstAttempt(PATIENCE_MS)).toBe(true);
    let returns = 0;
    const stopListening = store.onReconnect(() => returns++);
    await store.set('kept', 'value', 60_000);

    await redis.stop();
    await isAway(store);
    await expectRefusal(store);
    await redis.start();
    await isBack(store);
    expect(returns).toBe(1);
    expect(await store.get('kept')).toBeNull();
    await store.set('kept', 'again', 60_000);
    expect(await store.get('kept')).toBe('again');
    expect(lines.map(({ level }) => level)).toEqual([40, 30]);

    stopListening();
    await redis.stop();
    await isAway(store);
    await redis.start();
    await isBack(store);
    expect(returns).toBe(1);
  });

  test('away at the start and there later: connects by itself and calls its listeners', async () => {
    await redis.stop();
    const store = open(redis.url);
    const returned = new Promise<void>((resolve) => store.onReconnect(resolve));
    expect(await store.waitForFirstAttempt(PATIENCE_MS)).toBe(false);
    await redis.start();
    await returned;
    expect([store.isHealthy(), await store.get('n')]).toEqual([true, null]);
  });

  test('frozen: refuses within its time, then at once, and works when it thaws', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(PATIENCE_MS);
    redis.pause();
    await expectRefusal(store);
    await expect(store.get('a')).rejects.toThrow(StoreUnavailableError);
    redis.resume();
    await isBack(store);
    expect(await store.get('a')).toBeNull();
  });

  test('frozen without requests: the heartbeat notices', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(PATIENCE_MS);
    redis.pause();
    await isAway(store);
    redis.resume();
    await isBack(store);
  });

  test('flushed: is empty, and stays healthy', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(PATIENCE_MS);
    await store.set('a', 'b', 60_000);
    await redis.flush();
    expect([await store.get('a'), store.isHealthy()]).toEqual([null, true]);
  });

  test('this process stands still for longer than the time limit: the answer counts all the same', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(PATIENCE_MS);
    await store.set('a', 'b', 60_000);
    const answer = store.get('a');
    const end = performance.now() + 800;
    while (performance.now() < end);
    expect([await answer, store.isHealthy()]).toEqual(['b', true]);
  });

  test('a listener that throws stops neither the others nor the store', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(PATIENCE_MS);
    let told = 0;
    store.onReconnect(() => {
      throw new Error('broken');
    });
    store.onReconnect(() => told++);
    await redis.stop();
    await redis.start();
    await eventually('the second listener', () => told === 1);
    expect(await store.get('a')).toBeNull();
  });

  test('the limiter counts in Redis, exactly, and goes on in memory while Redis is frozen or gone', async () => {
    const store = open(redis.url);
    await store.waitForFirstAttempt(PATIENCE_MS);
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
    expect(await store.get('login:address')).toBe('50');
    expect(await limiter.delete('address')).toBe(true);

    redis.pause();
    expect(await accepted()).toBe(3);
    redis.resume();
    await isBack(store);
    await redis.stop();
    await isAway(store);
    await expect(limiter.consume('address')).rejects.toMatchObject({ remainingPoints: 0 });
    await redis.start();
  });
});

async function listenSilently(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}
