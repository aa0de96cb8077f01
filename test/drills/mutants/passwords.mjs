const scheme = { file: 'src/security/passwords/password-scheme.ts', tests: ['unit/password-hasher.test.ts'] };
const hasher = { file: 'src/security/passwords/password-hasher.ts', tests: ['unit/password-hasher.test.ts'] };
const policy = { file: 'src/security/passwords/password-policy.ts', tests: ['unit/password-policy.test.ts'] };
const queue = { file: 'src/security/passwords/hashing-queue.ts', tests: ['unit/hashing-queue.test.ts'] };

/** How passwords are hashed, compared and chosen. */
export const passwords = [
  {
    ...scheme,
    title: 'The 72 of bcrypt are counted in characters, so that it cuts longer passwords.',
    find: 'Buffer.byteLength(text) > BCRYPT_MAX_BYTES',
    replace: 'text.length > BCRYPT_MAX_BYTES',
  },
  {
    ...scheme,
    title: 'A password of 72 bytes does not reach bcrypt as it is.',
    find: 'Buffer.byteLength(text) > BCRYPT_MAX_BYTES',
    replace: 'Buffer.byteLength(text) >= BCRYPT_MAX_BYTES',
  },
  {
    ...scheme,
    title: 'A password counts only up to its NUL.',
    find: " || text.includes('\\0');",
    replace: ';',
  },
  {
    ...hasher,
    title: 'The HMAC of a long password is accepted for it.',
    find: 'return isMatch && prepared.scheme === stored.scheme;',
    replace: 'return isMatch;',
  },
  {
    ...hasher,
    title: 'A password above its limit reaches the normalization.',
    find: 'characters(password) > textLimits.password || hasLoneSurrogate(password)',
    replace: 'hasLoneSurrogate(password)',
  },
  {
    ...hasher,
    title: 'An imported password is rewritten from its first 72 bytes.',
    find: '!isCutByBcrypt(password)',
    replace: 'true',
  },
  {
    ...hasher,
    title: 'A new hash may cost less than the one that it replaces.',
    find: 'Math.max(this.cost, parseHash(stored.hash)?.cost ?? 0)',
    replace: 'this.cost',
  },
  {
    ...hasher,
    title: 'An unknown name costs what the configured cost is, not one in use.',
    find: 'this.compareWithDecoy(this.costs.drawFor(name),',
    replace: 'this.compareWithDecoy(this.cost,',
  },
  {
    file: 'src/services/auth/login.ts',
    title: 'An unknown name costs no hash, so that the time tells it.',
    find: 'await hasher.verifyUnknown(foldedName)',
    replace: 'false',
    tests: ['graphql/login-timing.test.ts'],
  },
  {
    file: 'src/security/passwords/hash-costs.ts',
    title: 'An unknown name draws another cost at each login.',
    find: 'digest.readUInt32BE() / 2 ** 32',
    replace: 'Math.random()',
    tests: ['unit/hash-costs.test.ts'],
  },
  {
    ...policy,
    title: 'A password may be one character too short.',
    find: 'if (length < min)',
    replace: 'if (length < min - 1)',
  },
  {
    ...policy,
    title: 'A password may have any length.',
    find: 'if (length > max)',
    replace: 'if (length > max * 2)',
  },
  {
    ...policy,
    title: 'The strict profile takes guessable passwords.',
    find: 'if (refusesGuessable && (await',
    replace: 'if (!refusesGuessable && (await',
  },
  {
    ...queue,
    title: 'Registrations go before logins.',
    find: '[this.first, this.logins, this.yielding]',
    replace: '[this.first, this.yielding, this.logins]',
  },
  {
    ...queue,
    title: 'Logins of strangers go before those of clients that the account knows.',
    find: '[this.first, this.logins, this.yielding]',
    replace: '[this.logins, this.first, this.yielding]',
  },
  {
    ...queue,
    title: 'One password more than configured may wait for a thread.',
    find: 'if (this.waiting.size >= this.length)',
    replace: 'if (this.waiting.size > this.length)',
  },
  {
    file: 'src/services/auth/login.ts',
    title: 'A disabled account is named as such for a wrong password too.',
    find: 'if (!matches) {',
    replace: 'if (!matches && account.is_active) {',
    tests: ['graphql/login.test.ts'],
    only: 'a disabled account is named as such',
  },
  {
    file: 'src/services/users/change-password.ts',
    title: 'Of two simultaneous changes of a password both succeed.',
    find: "if (!replaced) throw new AppError('INVALID_CREDENTIALS', { field: 'currentPassword' });",
    replace: '',
    tests: ['graphql/passwords.test.ts'],
    only: 'twice at once',
  },
];
