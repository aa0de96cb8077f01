import { KeyedSemaphore } from '../../src/security/rate-limits/keyed-semaphore';
import { MemoryWindows } from '../../src/security/rate-limits/memory-windows';

const RATE = { amount: 2, seconds: 60 };

describe('windows in memory', () => {
  test('give so many points a window, and then say how long to wait', () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const windows = new MemoryWindows(RATE);
    expect([windows.consume('a'), windows.consume('a')]).toEqual([null, null]);
    clock.mockReturnValue(2000);
    expect(windows.consume('a')).toBe(59_000);
    clock.mockReturnValue(61_000);
    expect(windows.consume('a')).toBeNull();
    clock.mockRestore();
  });

  test('take a point back, and keep no counter that is at zero', () => {
    const windows = new MemoryWindows(RATE);
    windows.consume('a');
    windows.consume('a');
    windows.giveBack('a');
    expect(windows.consume('a')).toBeNull();
    windows.giveBack('a');
    windows.giveBack('a');
    expect(windows.size).toBe(0);
    windows.giveBack('a');
    expect([windows.consume('a'), windows.consume('a')]).toEqual([null, null]);
    expect(windows.consume('a')).not.toBeNull();
  });

  test('are bounded: the least recently used key goes first', () => {
    const windows = new MemoryWindows(RATE, 100);
    for (let i = 0; i < 2; i++) windows.consume('kept');
    for (let i = 0; i < 1000; i++) {
      windows.consume(`name ${i}`);
      windows.consume('kept');
    }
    expect(windows.size).toBe(100);
    expect(windows.consume('kept')).not.toBeNull();
  });
});

describe('a semaphore by key', () => {
  test('keeps no key without a call, also after calls that fail', async () => {
    const semaphore = new KeyedSemaphore(1);
    const fail = () => Promise.reject(new Error('failed'));
    await Promise.allSettled(Array.from({ length: 50 }, (_, i) => semaphore.run(`key ${i % 7}`, fail)));
    expect(semaphore.size).toBe(0);
  });

  test('refuses calls beyond the number that may wait, with 503', async () => {
    const semaphore = new KeyedSemaphore(1, 3);
    let finish = () => {};
    const running = semaphore.run('a', () => new Promise<void>((resolve) => (finish = resolve)));
    const waiting = Array.from({ length: 3 }, () => semaphore.run('a', async () => 'done'));
    await expect(semaphore.run('a', async () => 'never')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await semaphore.run('b', async () => 'not concerned')).toBe('not concerned');
    finish();
    await running;
    expect(await Promise.all(waiting)).toEqual(['done', 'done', 'done']);
    expect(semaphore.size).toBe(0);
  });
});
