import { AppError } from '../../src/errors/app-error';
import { type LoginAttempt, LoginLimiter } from '../../src/security/rate-limits/login-limiter';
import { MemoryStore } from '../../src/stores/memory.store';
import { MovableClock } from '../support/clock';

const newLimiter = () => new LoginLimiter(new MemoryStore({ clock: new MovableClock() }), { amount: 5, seconds: 60 });
const attempt = (over: Partial<LoginAttempt> = {}): LoginAttempt => ({
  target: { userId: 'user' },
  address: '198.51.100.1',
  isKnown: false,
  ...over,
});

const wrong = async () => {
  throw new AppError('INVALID_CREDENTIALS');
};
const undecided = async () => {
  throw new Error('the queue is full');
};
const outcome = (done: Promise<unknown>) =>
  done.then(
    () => 'ok',
    (error: unknown) => (error instanceof AppError ? error.code : 'undecided'),
  );

test('an attempt that could not be decided is counted nowhere', async () => {
  const limiter = newLimiter();
  for (let i = 0; i < 300; i++)
    expect(await outcome(limiter.attempt(attempt({ target: { userId: `user ${i % 3}` } }), undecided))).toBe(
      'undecided',
    );
  for (let i = 0; i < 5; i++) expect(await outcome(limiter.attempt(attempt(), wrong))).toBe('INVALID_CREDENTIALS');
  expect(await outcome(limiter.attempt(attempt(), wrong))).toBe('RATE_LIMITED');
});

test('nor is it counted against strangers, once each has one attempt a minute', async () => {
  const limiter = newLimiter();
  for (let i = 0; i < 40; i++) await outcome(limiter.attempt(attempt({ address: `192.0.2.${i}` }), wrong));
  for (let i = 0; i < 3; i++) expect(await outcome(limiter.attempt(attempt(), undecided))).toBe('undecided');
  expect(await outcome(limiter.attempt(attempt(), wrong))).toBe('INVALID_CREDENTIALS');
  expect(await outcome(limiter.attempt(attempt(), wrong))).toBe('RATE_LIMITED');
});

test('a name is never the key of a user, whatever is typed', async () => {
  const limiter = newLimiter();
  for (const name of ['user', '["user","user"]', 'user","network'])
    for (let i = 0; i < 6; i++) await outcome(limiter.attempt(attempt({ target: { name } }), wrong));
  expect(await outcome(limiter.attempt(attempt(), wrong))).toBe('INVALID_CREDENTIALS');
});

test('a known client is refused for its own failures at the account alone', async () => {
  const limiter = newLimiter();
  for (let i = 0; i < 120; i++) await outcome(limiter.attempt(attempt({ target: { name: `name ${i}` } }), wrong));
  for (let i = 0; i < 40; i++) await outcome(limiter.attempt(attempt({ address: `192.0.2.${i}` }), wrong));
  const known = attempt({ isKnown: true });
  for (let i = 0; i < 5; i++) expect(await outcome(limiter.attempt(known, wrong))).toBe('INVALID_CREDENTIALS');
  expect(await outcome(limiter.attempt(known, wrong))).toBe('RATE_LIMITED');
  const device = attempt({ isKnown: true, device: 'session' });
  expect(await outcome(limiter.attempt(device, async (succeeded) => succeeded()))).toBe('ok');
});

test('a success forgives the failures of strangers', async () => {
  const limiter = newLimiter();
  const byStranger = (i: number) => outcome(limiter.attempt(attempt({ address: `192.0.2.${i}` }), wrong));
  for (let i = 0; i < 30; i++) await byStranger(i);
  await byStranger(100);
  expect(await byStranger(100)).toBe('RATE_LIMITED');
  await limiter.attempt(attempt({ isKnown: true }), async (succeeded) => succeeded());
  await byStranger(101);
  expect(await byStranger(101)).toBe('INVALID_CREDENTIALS');
});
