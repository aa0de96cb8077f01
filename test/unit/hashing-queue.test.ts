import { HasherBusyError, HashingQueue } from '../../src/security/passwords/hashing-queue';

/** Records the order in which tasks start; each ends when it is told to. */
class Work {
  readonly started: string[] = [];
  private readonly endings = new Map<string, () => void>();

  task = (name: string) => () =>
    new Promise<void>((resolve) => {
      this.started.push(name);
      this.endings.set(name, resolve);
    });

  async end(name: string): Promise<void> {
    this.endings.get(name)!();
    await new Promise(setImmediate);
  }
}

test('clients that the account knows go first, then logins, and each kind in the order in which it came', async () => {
  const queue = new HashingQueue({ threads: 1, waiting: 10 });
  const work = new Work();
  const all = [
    queue.runYielding(work.task('registration 1')),
    queue.runYielding(work.task('registration 2')),
    queue.runYielding(work.task('registration 3')),
    queue.run(work.task('login 1')),
    queue.run(work.task('login 2')),
    queue.runFirst(work.task('owner 1')),
    queue.runFirst(work.task('owner 2')),
  ];
  const logins = ['owner 1', 'owner 2', 'login 1', 'login 2'];
  const order = ['registration 1', ...logins, 'registration 2', 'registration 3'];
  for (const name of order) {
    await new Promise(setImmediate);
    await work.end(name);
  }
  await Promise.all(all);
  expect(work.started).toEqual(order);
});

test('a task that arrives while a place is handed on does not overtake one that waits', async () => {
  const queue = new HashingQueue({ threads: 1, waiting: 10 });
  const work = new Work();
  const first = queue.run(work.task('first'));
  const second = queue.run(work.task('second'));
  await new Promise(setImmediate);
  const third = first.then(() => queue.run(work.task('third')));
  for (const name of ['first', 'second', 'third']) {
    await work.end(name);
    await new Promise(setImmediate);
  }
  await Promise.all([first, second, third]);
  expect(work.started).toEqual(['first', 'second', 'third']);
});

test('every line is bounded, and a full line refuses nothing that goes before it', async () => {
  const queue = new HashingQueue({ threads: 1, waiting: 4 });
  const work = new Work();
  const running = queue.run(work.task('running'));
  const registrations = Array.from({ length: 4 }, (_, i) => queue.runYielding(work.task(`registration ${i}`)));
  await expect(registrations[2]).rejects.toBeInstanceOf(HasherBusyError);
  await expect(registrations[3]).rejects.toBeInstanceOf(HasherBusyError);
  const logins = Array.from({ length: 5 }, (_, i) => queue.run(work.task(`login ${i}`)));
  await expect(logins[4]).rejects.toBeInstanceOf(HasherBusyError);
  const owners = Array.from({ length: 5 }, (_, i) => queue.runFirst(work.task(`owner ${i}`)));
  await expect(owners[4]).rejects.toBeInstanceOf(HasherBusyError);
  for (const name of ['running', 'owner 0', 'owner 1', 'owner 2', 'owner 3']) await work.end(name);
  await Promise.all(owners.slice(0, 4));
  for (const name of ['login 0', 'login 1', 'login 2', 'login 3', 'registration 0', 'registration 1'])
    await work.end(name);
  await Promise.all([running, ...logins.slice(0, 4), ...registrations.slice(0, 2)]);
});

test('a registration that logins have kept waiting for ten seconds is refused', async () => {
  jest.useFakeTimers();
  const queue = new HashingQueue({ threads: 1, waiting: 4 });
  const work = new Work();
  void queue.run(work.task('login'));
  const refused = expect(queue.runYielding(work.task('registration'))).rejects.toBeInstanceOf(HasherBusyError);
  jest.advanceTimersByTime(10_000);
  await refused;
  jest.useRealTimers();
});

test('a task that fails hands its place on', async () => {
  const queue = new HashingQueue({ threads: 1, waiting: 1 });
  const failing = queue.run(() => Promise.reject(new Error('failed')));
  const next = queue.run(async () => 'done');
  await expect(failing).rejects.toThrow('failed');
  expect(await next).toBe('done');
});
