import { ChangeAwareCache } from '../../src/database/change-aware-cache';
import type { ChangeListener } from '../../src/database/change-feed';

class Feed {
  trusted = true;
  private readonly listeners: ChangeListener[] = [];

  onChange(listener: ChangeListener): void {
    this.listeners.push(listener);
  }

  name(account: string): void {
    for (const listener of this.listeners) listener(account);
  }
}

interface Value {
  account: string;
  version: number;
}

let feed: Feed;
let cache: ChangeAwareCache<Value>;
let loads: number;
beforeEach(() => {
  feed = new Feed();
  cache = new ChangeAwareCache<Value>(feed, { name: 'roles', max: 3, account: ({ account }) => account });
  loads = 0;
});

const load = (account: string) => async () => ({ account, version: ++loads });
const fetch = async (key: string, account = key) => (await cache.fetch(key, load(account))).version;

/** A load that ends when it is told to. */
function pending() {
  let end: (value: Value) => void = () => {};
  const value = new Promise<Value>((resolve) => (end = resolve));
  return { load: () => value, end };
}

test('a value is loaded once, and again when its account is named', async () => {
  expect([await fetch('a'), await fetch('a')]).toEqual([1, 1]);
  feed.name('b');
  expect(await fetch('a')).toBe(1);
  feed.name('a');
  expect(await fetch('a')).toBe(2);
});

test('every key of an account is dropped with it, and all with `*`', async () => {
  for (const key of ['one', 'two']) await fetch(key, 'a');
  await fetch('three', 'b');
  feed.name('a');
  expect(['one', 'two', 'three'].map((key) => cache.get(key)?.version)).toEqual([undefined, undefined, 3]);
  feed.name('*');
  expect(cache.get('three')).toBeUndefined();
});

test('memory is not used while the feed is not trusted', async () => {
  await fetch('a');
  feed.trusted = false;
  expect(cache.get('a')).toBeUndefined();
  expect([await fetch('a'), await fetch('a')]).toEqual([2, 3]);
  feed.trusted = true;
  expect(await fetch('a')).toBe(1);
});

test('what was loaded while the feed was not trusted is not kept', async () => {
  feed.trusted = false;
  await fetch('a');
  feed.trusted = true;
  expect(await fetch('a')).toBe(2);
});

test.each(['a', '*'])('an answer on its way when "%s" is named is given, and not kept', async (named) => {
  const slow = pending();
  const answer = cache.fetch('a', slow.load);
  feed.name(named);
  slow.end({ account: 'a', version: 99 });
  expect((await answer).version).toBe(99);
  expect(await fetch('a')).toBe(1);
});

test('also when a later call for the key has begun meanwhile', async () => {
  const [early, late] = [pending(), pending()];
  const first = cache.fetch('a', early.load);
  feed.name('b');
  const second = cache.fetch('a', late.load);
  feed.name('a');
  early.end({ account: 'a', version: 98 });
  late.end({ account: 'a', version: 99 });
  await Promise.all([first, second]);
  expect(cache.get('a')).toBeUndefined();
});

test('an answer on its way when another account is named is kept', async () => {
  const slow = pending();
  const answer = cache.fetch('a', slow.load);
  feed.name('b');
  slow.end({ account: 'a', version: 99 });
  await answer;
  expect(await fetch('a')).toBe(99);
});

test('a refusal is never kept', async () => {
  const refuse = () => Promise.reject(new Error('refused'));
  await expect(cache.fetch('a', refuse)).rejects.toThrow('refused');
  await expect(cache.fetch('a', refuse)).rejects.toThrow('refused');
  expect(await fetch('a')).toBe(1);
});

test('simultaneous calls share a load, until an account is named', async () => {
  const slow = pending();
  const [first, second] = [cache.fetch('a', slow.load), cache.fetch('a', load('a'))];
  feed.name('a');
  const third = cache.fetch('a', load('a'));
  slow.end({ account: 'a', version: 99 });
  expect([(await first).version, (await second).version, (await third).version]).toEqual([99, 99, 1]);
});

test('simultaneous calls load each for itself while the feed is not trusted', async () => {
  feed.trusted = false;
  expect(await Promise.all([fetch('a'), fetch('a')])).toEqual([1, 2]);
});

test('at most so many values are kept, the least recently used goes first', async () => {
  for (const key of ['a', 'b', 'c']) await fetch(key);
  cache.get('a');
  await fetch('d');
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
  feed.name('b');
  feed.name('d');
  expect(cache.get('d')).toBeUndefined();
});
