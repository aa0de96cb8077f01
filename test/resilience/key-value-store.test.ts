import pino from 'pino';
import { createClient } from 'redis';
import { type KeyValueStore, StoreUnavailableError } from '../../src/stores/key-value-store';
import { MemoryStore } from '../../src/stores/memory.store';
import { openStore } from '../../src/stores/open-store';
import { describeWithRedis, type TestRedis } from '../support/redis';
import { lookInto } from '../support/sessions';

const logger = pino({ level: 'silent' });

interface Subject {
  store: KeyValueStore;
  /** Moves the store's clock, or what it has of one. */
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

  test('evicts the least recently used keys when there are too many', async () => {
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
    return { store, elapse: (ms) => lookInto(redis.url, (client) => shorten(client, ms)) };
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
    await stores[0]!.set('shared', 'value', 5000);
    expect(await stores[1]!.get('shared')).toBe('value');
    await stores[1]!.delete('shared');
    expect(await stores[0]!.get('shared')).toBeNull();
    await Promise.all(stores.map((store) => store.close()));
  });
});

/** Takes time off what every key has left, as if it had passed. */
async function shorten(client: Parameters<Parameters<typeof lookInto>[1]>[0], ms: number): Promise<void> {
  for (const key of await client.keys('*')) {
    const left = await client.pTTL(key);
    if (left >= 0) await client.pExpire(key, left - ms);
  }
}

/** The promises of every store. */
function promises(open: () => Promise<Subject>): void {
  let subject: Subject;
  let store: KeyValueStore;
  beforeAll(async () => {
    subject = await open();
    store = subject.store;
  });
  afterAll(() => store.close());

  test('returns what was set, until it is deleted', async () => {
    expect(await store.get('a')).toBeNull();
    await store.set('a', 'Mật khẩu', 5000);
    expect(await store.get('a')).toBe('Mật khẩu');
    await store.delete('a');
    expect(await store.get('a')).toBeNull();
    await store.delete('a');
  });

  test('distinguishes an empty value from none', async () => {
    await store.set('empty', '', 5000);
    expect(await store.get('empty')).toBe('');
    await store.delete('empty');
    expect(await store.get('empty')).toBeNull();
  });

  test('expires a value after its time to live, not before', async () => {
    await store.set('short', 'value', 900_000);
    await subject.elapse(500_000);
    expect(await store.get('short')).toBe('value');
    await subject.elapse(400_000);
    expect(await store.get('short')).toBeNull();
  });

  test('setting a key again restarts its time to live', async () => {
    await store.set('renewed', 'old', 900_000);
    await subject.elapse(500_000);
    await store.set('renewed', 'new', 900_000);
    await subject.elapse(500_000);
    expect(await store.get('renewed')).toBe('new');
  });

  test('is healthy until it is closed, and rejects afterwards', async () => {
    expect(store.isHealthy()).toBe(true);
    await store.close();
    expect(store.isHealthy()).toBe(false);
    await expect(store.get('a')).rejects.toThrow(StoreUnavailableError);
    await expect(store.set('a', 'b', 1000)).rejects.toThrow(StoreUnavailableError);
    await expect(store.delete('a')).rejects.toThrow(StoreUnavailableError);
    await store.close();
  });
}
