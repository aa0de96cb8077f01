import pino from 'pino';
import { createClient } from 'redis';
import { type KeyValueStore, StoreUnavailableError } from '../../src/stores/key-value-store';
import { MemoryStore } from '../../src/stores/memory.store';
import { openStore } from '../../src/stores/open-store';
import { describeWithRedis, type TestRedis } from '../support/redis';

const IN_FLIGHT = 50;
const logger = pino({ level: 'silent' });

interface Subject {
  store: KeyValueStore;
  /** Lets the store's time pass. */
  elapse(ms: number): Promise<void>;
}

describe('memory', () => {
  promises(async () => {
    let now = 1_700_000_000_000;
    const store = await openStore({ clock: { now: () => new Date(now) }, logger });
    return {
      store,
      elapse: async (ms) => {
        now += ms;
      },
    };
  });

  test('forgets the keys that were used least recently when there are too many', async () => {
    const store = new MemoryStore({ clock: { now: () => new Date(0) }, maxKeys: 2 });
    for (const key of ['a', 'b']) await store.set(key, key, 1000);
    await store.get('a');
    await store.set('c', 'c', 1000);
    expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual(['a', null, 'c']);
  });
});

describeWithRedis('Redis', (redis: TestRedis) => {
  promises(async () => {
    await redis.flush();
    const store = await openStore({ redisUrl: redis.url, clock: { now: () => new Date(0) }, logger });
    return { store, elapse: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 10)) };
  });

  test('keys and values are stored as given, without a prefix, with their time to live', async () => {
    const store = await openStore({ redisUrl: redis.url, clock: { now: () => new Date(0) }, logger });
    const client = await createClient({ url: redis.url }).connect();
    await store.set('session:42', '{"user_id":"42"}', 900_000);
    expect([await client.get('session:42'), await client.ttl('session:42')]).toEqual(['{"user_id":"42"}', 900]);
    client.destroy();
    await store.close();
  });

  test('two processes share it', async () => {
    const stores = await Promise.all(
      [1, 2].map(() => openStore({ redisUrl: redis.url, clock: { now: () => new Date(0) }, logger })),
    );
    const sums = await Promise.all(
      Array.from({ length: IN_FLIGHT }, (_, index) => stores[index % 2]!.increment('shared', 5000)),
    );
    expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: IN_FLIGHT }, (_, index) => index + 1));
    await Promise.all(stores.map((store) => store.close()));
  });
});

/** What every store promises, whatever it is made of. */
function promises(open: () => Promise<Subject>): void {
  let subject: Subject;
  let store: KeyValueStore;
  beforeAll(async () => {
    subject = await open();
    store = subject.store;
  });
  afterAll(() => store.close());
  const all = <T>(operation: () => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: IN_FLIGHT }, operation));

  test('gives back what was set, until it is deleted', async () => {
    expect(await store.get('a')).toBeNull();
    await store.set('a', 'Mật khẩu', 5000);
    expect(await store.get('a')).toBe('Mật khẩu');
    expect(await store.delete('a')).toBe(true);
    expect(await store.get('a')).toBeNull();
    expect(await store.delete('a')).toBe(false);
  });

  test('keeps an empty value apart from none', async () => {
    await store.set('empty', '', 5000);
    expect(await store.get('empty')).toBe('');
    expect(await store.take('empty')).toBe('');
    expect(await store.take('empty')).toBeNull();
  });

  test('forgets a value when its time is over, not before', async () => {
    await store.set('short', 'value', 400);
    await subject.elapse(50);
    expect(await store.get('short')).toBe('value');
    await subject.elapse(350);
    expect(await store.get('short')).toBeNull();
    expect(await store.delete('short')).toBe(false);
    await store.set('short', 'value', 100);
    await subject.elapse(100);
    expect(await store.take('short')).toBeNull();
  });

  test('setting again starts the time again', async () => {
    await store.set('renewed', 'old', 400);
    await subject.elapse(220);
    await store.set('renewed', 'new', 400);
    await subject.elapse(220);
    expect(await store.get('renewed')).toBe('new');
  });

  test('gives a value to exactly one of 50 takers', async () => {
    await store.set('ticket', 'once', 5000);
    const taken = await all(() => store.take('ticket'));
    expect(taken.filter((value) => value !== null)).toEqual(['once']);
    expect(await store.get('ticket')).toBeNull();
  });

  test('exactly one of 50 callers has deleted', async () => {
    await store.set('gone', 'value', 5000);
    expect((await all(() => store.delete('gone'))).filter(Boolean)).toHaveLength(1);
  });

  test('exactly one of 50 callers sets what was absent, again when its time is over', async () => {
    expect((await all(() => store.setIfAbsent('claim', 'mine', 200))).filter(Boolean)).toHaveLength(1);
    expect(await store.get('claim')).toBe('mine');
    expect(await store.setIfAbsent('claim', 'yours', 200)).toBe(false);
    await subject.elapse(200);
    expect(await store.setIfAbsent('claim', 'yours', 200)).toBe(true);
    expect(await store.get('claim')).toBe('yours');
  });

  test('50 increments in flight get 50 different sums', async () => {
    const sums = await all(() => store.increment('counter', 5000));
    expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: IN_FLIGHT }, (_, index) => index + 1));
    expect(await store.get('counter')).toBe('50');
  });

  test('the first increment alone starts the time of a counter', async () => {
    expect(await store.increment('window', 400)).toBe(1);
    await subject.elapse(220);
    expect(await store.increment('window', 400)).toBe(2);
    await subject.elapse(190);
    expect(await store.increment('window', 400)).toBe(1);
  });

  test('does not count on what is not a number', async () => {
    await store.set('text', 'value', 5000);
    await expect(store.increment('text', 5000)).rejects.toThrow(StoreUnavailableError);
    expect(await store.get('text')).toBe('value');
  });

  test('is healthy until it is closed, and refuses afterwards', async () => {
    expect([store.healthy(), await store.ping()]).toEqual([true, true]);
    await store.close();
    expect([store.healthy(), await store.ping()]).toEqual([false, false]);
    await expect(store.get('a')).rejects.toThrow(StoreUnavailableError);
    await expect(store.set('a', 'b', 1000)).rejects.toThrow(StoreUnavailableError);
    await expect(store.increment('a', 1000)).rejects.toThrow(StoreUnavailableError);
    await store.close();
  });
}
