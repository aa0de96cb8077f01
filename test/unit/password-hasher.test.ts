import bcrypt from 'bcrypt';
import { Piscina } from 'piscina';
import { HasherBusyError, PasswordHasher, type StoredPassword } from '../../src/security/passwords/password-hasher';
import { decoyHash } from '../../src/security/passwords/password-scheme';

const COST = 4;
const hasher = new PasswordHasher({ cost: COST, threads: 2 });
afterAll(() => hasher.close());

const imported = (hash: string): StoredPassword => ({ hash, scheme: 'imported' });

describe('what is stored', () => {
  test.each([
    ['a short password', 'correct horse', 'bcrypt'],
    ['72 bytes', 'x'.repeat(72), 'bcrypt'],
    ['73 bytes', 'x'.repeat(73), 'bcrypt-hmac-sha384'],
    ['18 emoji, which are 72 bytes', '🦊'.repeat(18), 'bcrypt'],
    ['64 emoji, which are 256 bytes', '🦊'.repeat(64), 'bcrypt-hmac-sha384'],
    ['a NUL in the middle', 'before\0after', 'bcrypt-hmac-sha384'],
    ['72 bytes only after normalisation', 'e\u0301'.repeat(36), 'bcrypt'],
    ['an empty password', '', 'bcrypt'],
  ])('%s is hashed in the form of bcrypt, under the scheme it needs', async (_what, password, scheme) => {
    const stored = await hasher.hash(password);
    expect(stored).toEqual({ hash: expect.stringMatching(/^\$2b\$04\$[./A-Za-z0-9]{53}$/), scheme });
    expect(await hasher.verify(password, stored)).toBe(true);
  });

  test('up to 72 bytes reach bcrypt as they are, counted in bytes and not in characters', async () => {
    for (const [password, scheme] of [
      ['é'.repeat(36), 'bcrypt'], // 72 bytes
      [`${'é'.repeat(36)}x`, 'bcrypt-hmac-sha384'], // 37 characters, 73 bytes
    ] as const) {
      const stored = await hasher.hash(password);
      expect(stored.scheme).toBe(scheme);
      expect(bcrypt.compareSync(password, stored.hash)).toBe(scheme === 'bcrypt');
      expect(await hasher.verify(`${password.slice(0, -1)}y`, stored)).toBe(false);
    }
  });

  test('equal passwords get different hashes', async () => {
    const [one, two] = await Promise.all([hasher.hash('password'), hasher.hash('password')]);
    expect(one.hash).not.toBe(two.hash);
  });

  test('long passwords keep verifying with hashes that are already stored', async () => {
    const stored: StoredPassword = {
      hash: '$2b$04$abcdefghijklmnopqrstuuqYMb1hg2MUFTVeG/atbd3qPbj7yHttK',
      scheme: 'bcrypt-hmac-sha384',
    };
    expect(await hasher.verify('p'.repeat(100), stored)).toBe(true);
  });

  test('half a surrogate pair is never hashed', async () => {
    const before = hasher.computations;
    await expect(hasher.hash('a\ud83e')).rejects.toThrow(new TypeError('a password must be well-formed Unicode'));
    expect(hasher.computations).toBe(before);
  });
});

describe('every byte of the password matters', () => {
  test.each([
    ['the 73rd byte', `${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
    ['the 73rd byte is there at all', 'x'.repeat(72), 'x'.repeat(73)],
    ['the 64th emoji', `${'🦊'.repeat(63)}🦊`, `${'🦊'.repeat(63)}🐻`],
    ['what follows a NUL', 'before\0after', 'before\0later'],
    ['a NUL at the end', 'before', 'before\0'],
    ['byte 257 and later', `${'x'.repeat(256)}a`, `${'x'.repeat(256)}b`],
    ['a leading space', ' password', 'password'],
    ['a trailing space', 'password ', 'password'],
    ['upper and lower case', 'Password', 'password'],
    ['compatibility characters', 'ﬁsh', 'fish'],
  ])('%s', async (_what, password, other) => {
    const stored = await hasher.hash(password);
    expect(await hasher.verify(other, stored)).toBe(false);
    expect(await hasher.verify(password, await hasher.hash(other))).toBe(false);
  });

  test('composed and decomposed forms are the same password', async () => {
    const [composed, decomposed] = ['Mật khẩu café'.normalize('NFC'), 'Mật khẩu café'.normalize('NFD')];
    expect(await hasher.verify(decomposed, await hasher.hash(composed))).toBe(true);
    expect(await hasher.verify(composed, await hasher.hash(decomposed))).toBe(true);
  });

  test('a hash is not accepted under another scheme than its own', async () => {
    const { hash } = await hasher.hash('password');
    expect(await hasher.verify('password', { hash, scheme: 'bcrypt-hmac-sha384' })).toBe(false);
  });
});

describe('hashes from another service', () => {
  test.each(['2a', '2b', '2y'])('$%s$ verifies', async (version) => {
    const stored = imported(bcrypt.hashSync('password123', COST).replace('$2b$', `$${version}$`));
    expect(await hasher.verify('password123', stored)).toBe(true);
    expect(await hasher.verify('password124', stored)).toBe(false);
  });

  test('the password is taken exactly as received, without normalisation', async () => {
    const decomposed = 'cafe\u0301';
    const stored = imported(bcrypt.hashSync(decomposed, COST));
    expect(await hasher.verify(decomposed, stored)).toBe(true);
    expect(await hasher.verify(decomposed.normalize('NFC'), stored)).toBe(false);
  });

  test('long passwords verify under $2a$ as their service hashed them, also beyond 255 bytes', async () => {
    const password = 'x'.repeat(300);
    expect(await hasher.verify(password, imported(bcrypt.hashSync(password, COST).replace('$2b$', '$2a$')))).toBe(true);
  });

  test('a hostile cost is refused without doing its work', async () => {
    const hash = bcrypt.hashSync('password123', COST).replace('$04$', '$31$');
    expect(await hasher.verify('password123', imported(hash))).toBe(false);
  });

  test.each([
    '',
    'password123',
    '$2b$04$short',
    '$2x$04$abcdefghijklmnopqrstuuMbfrOeIhJyAd5PHQLoEgkW5WeDk8fVrC',
    '$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA',
  ])('what is not a bcrypt hash matches nothing: %s', async (hash) => {
    expect(await hasher.verify('password123', imported(hash))).toBe(false);
  });
});

describe('work', () => {
  test.each<[string, () => Promise<StoredPassword>]>([
    ['a right password', () => hasher.hash('password')],
    ['a wrong password', () => hasher.hash('another')],
    ['an unusable hash', async () => imported('locked')],
    ['a hash of a hostile cost', async () => imported(decoyHash(31))],
  ])('%s costs one computation', async (_what, make) => {
    const stored = await make();
    const before = hasher.computations;
    await hasher.verify('password', stored);
    expect(hasher.computations).toBe(before + 1);
  });

  test('a password with half a surrogate pair matches nothing and costs one computation as well', async () => {
    const stored = await hasher.hash('a\ufffd'); // what UTF-8 would make of it
    const before = hasher.computations;
    expect(await hasher.verify('a\ud83e', stored)).toBe(false);
    expect(await hasher.verify('a\ud83e', imported(stored.hash))).toBe(false);
    expect(hasher.computations).toBe(before + 2);
  });

  test('the decoy is a hash that bcrypt does the full work for', () => {
    const decoy = decoyHash(9);
    expect(bcrypt.getRounds(decoy)).toBe(9);
    expect(bcrypt.hashSync('password', decoy.slice(0, 29)).slice(0, 29)).toBe(decoy.slice(0, 29));
  });

  test('an unknown user costs one computation, and no password is theirs', async () => {
    const before = hasher.computations;
    expect(await hasher.verifyUnknown('nobody')).toBe(false);
    expect(hasher.computations).toBe(before + 1);
  });

  test('an unknown user costs what the stored hashes cost', async () => {
    const own = new PasswordHasher({ cost: COST, threads: 1 });
    own.setCostsInUse([{ cost: 6, count: 1 }]);
    const run = jest.spyOn(Piscina.prototype, 'run');
    await own.verifyUnknown('nobody');
    expect(run).toHaveBeenCalledWith({ kind: 'compare', text: '', hash: decoyHash(6) });
    run.mockRestore();
    await own.close();
  });

  test('a full queue refuses at once and takes passwords again when it is shorter', async () => {
    const small = new PasswordHasher({ cost: 8, threads: 1, maxQueue: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => small.hash('password')));
    expect(outcomes.map(({ status }) => status)).toEqual([...Array(3).fill('fulfilled'), ...Array(5).fill('rejected')]);
    for (const outcome of outcomes.slice(3))
      expect(outcome).toEqual({ status: 'rejected', reason: new HasherBusyError() });
    expect(small.computations).toBe(3);
    expect(await small.verifyUnknown('nobody')).toBe(false);
    await small.close();
  });
});

test('a password above its limit matches nothing and is not normalized, which would take minutes', async () => {
  const normalize = jest.spyOn(String.prototype, 'normalize');
  const stored = await hasher.hash('password');
  normalize.mockClear();
  const hostile = `a${'\u0301'.repeat(30_000)}${'\u0323'.repeat(30_000)}`;
  expect(await hasher.verify(hostile, stored)).toBe(false);
  expect(await hasher.verify(hostile, imported(stored.hash))).toBe(false);
  await expect(hasher.hash(hostile)).rejects.toThrow(RangeError);
  expect(normalize).not.toHaveBeenCalled();
  normalize.mockRestore();
});

describe('when a password should be hashed again', () => {
  test('not while cost and scheme are today’s', async () => {
    expect(hasher.needsRehash('password', await hasher.hash('password'))).toBe(false);
    expect(hasher.needsRehash('p'.repeat(100), await hasher.hash('p'.repeat(100)))).toBe(false);
  });

  test('after the cost was changed, and the old hash verifies until then', async () => {
    const stored = await hasher.hash('password');
    const stronger = new PasswordHasher({ cost: COST + 1, threads: 1 });
    expect(await stronger.verify('password', stored)).toBe(true);
    expect(stronger.needsRehash('password', stored)).toBe(true);
    expect(stronger.needsRehash('password', await stronger.hash('password'))).toBe(false);
    await stronger.close();
  });

  test('never to a lower cost, also for an imported hash', async () => {
    const own: StoredPassword = { hash: bcrypt.hashSync('password', COST + 1), scheme: 'bcrypt' };
    expect(hasher.needsRehash('password', own)).toBe(false);
    expect(hasher.needsRehash('password', imported(own.hash))).toBe(true);
    expect(await hasher.rehash('password', imported(own.hash))).toEqual({
      hash: expect.stringMatching(/^\$2b\$05\$/),
      scheme: 'bcrypt',
    });
  });

  test('not from the 72 bytes that an imported hash was made of, when the password goes on', async () => {
    const stored = imported(bcrypt.hashSync('x'.repeat(80), COST));
    expect(await hasher.verify('x'.repeat(90), stored)).toBe(true); // as its own service would
    expect(hasher.needsRehash('x'.repeat(90), stored)).toBe(false);
    expect(hasher.needsRehash('x'.repeat(72), stored)).toBe(true);
  });

  test('when it comes from another service, whatever its cost', () => {
    expect(hasher.needsRehash('password', imported(bcrypt.hashSync('password', COST)))).toBe(true);
  });
});

test('refuses a cost that bcrypt does not have', () => {
  for (const cost of [3, 32, 10.5, Number.NaN]) expect(() => new PasswordHasher({ cost })).toThrow(RangeError);
});

test('does not end a thread that is still loading bcrypt, which would take the process with it', async () => {
  const fresh = new PasswordHasher({ cost: COST, threads: 1 });
  let loaded = 0;
  // biome-ignore lint/complexity/useLiteralKeys: private, and only a thread itself knows that it has loaded
  fresh['pool'].on('message', () => loaded++);
  await fresh.close();
  expect(loaded).toBe(1);
});
