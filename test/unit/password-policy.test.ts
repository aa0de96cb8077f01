import { PasswordHasher } from '../../src/security/passwords/password-hasher';
import { PasswordPolicy } from '../../src/security/passwords/password-policy';

const hasher = new PasswordHasher({ cost: 4, threads: 1 });
afterAll(() => hasher.close());

const policy = new PasswordPolicy(hasher, {
  minLength: 15,
  refusesGuessable: true,
  serviceWords: ['edufinai.uth.vn'],
});
const ruleFor = async (password: string) =>
  (await policy.findProblem(password, ['christopher', 'c.nolan@pictures.example', 'Christopher', 'Nolan']))?.rule ??
  'ok';

test.each([
  'thisismypassword',
  'thisismypassword1',
  'passwordpassword',
  'password123456789',
  'P@ssword P@ssword',
  'qwertyuiopasdfghjkl',
  '1q2w3e4r5t6y7u8i9o0p',
  'aaaaaaaaaaaaaaaa',
  'Summer2024Summer2024',
  'letmeinletmeinplease',
  'christopher12345',
  'c.nolan@pictures.example',
  'edufinaiedufinai1',
  `${'ab'.repeat(500)}`,
])('%s is easily guessed', async (password) => {
  expect(await ruleFor(password)).toBe('PASSWORD_TOO_COMMON');
});

test.each([
  'four unusual words together',
  'nobody has ever used this before',
  'xK9#mQ2$vL5@nR8!',
  'con mèo nhà tôi thích ăn cá',
])('%s is taken', async (password) => {
  expect(await ruleFor(password)).toBe('ok');
});

test('lengths are checked first, in characters', async () => {
  expect(await ruleFor('🦊'.repeat(14))).toBe('PASSWORD_TOO_SHORT');
  expect(await ruleFor('x'.repeat(1025))).toBe('PASSWORD_TOO_LONG');
  expect(await ruleFor(`a${'\u0301'.repeat(60_000)}`)).toBe('PASSWORD_TOO_LONG');
});

test('without the strict rules only the length counts', async () => {
  const documented = new PasswordPolicy(hasher, { minLength: 6, refusesGuessable: false, serviceWords: [] });
  expect(await documented.findProblem('password', [])).toBeNull();
  expect((await documented.findProblem('12345', []))?.rule).toBe('PASSWORD_TOO_SHORT');
});
