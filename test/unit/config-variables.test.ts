import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, StartupError, variableNames } from '../../src/config/config';
import { secretNames } from '../../src/config/secret-files';

const KEY = 'only for tests: 0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const RANDOM_KEY = randomBytes(64).toString('base64');
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SIGNER_KEY: RANDOM_KEY,
  ADMIN_USERNAME: 'boss',
  ADMIN_PASSWORD: 'a long password',
};

/** What is said about these variables, a line for each mistake. */
function problems(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    const [head, ...lines] = (error as Error).message.split('\n');
    expect(head).toBe('The configuration is not usable:');
    return lines.map((line) => line.replace(/^ {2}- /, ''));
  }
}

const whole = (min: number, max: number) => (value: string) =>
  `must be a whole number from ${min} to ${max}, not "${value}"`;
const TEN_YEARS = 315_360_000;
const url = (...protocols: string[]) => `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`;
const urls = (...protocols: string[]) =>
  `must be URLs separated by commas, each starting with ${protocols.map((p) => `${p}//`).join(' or ')}`;

/** Values that are refused, and what is said. */
const BAD: Partial<Record<(typeof variableNames)[number], [string[], (value: string) => string]>> = {
  NODE_ENV: [['prod', 'Production'], (v) => `must be one of development, test, production, not "${v}"`],
  PORT: [['abc', '-1', '65536', '80.5', '1e9', '0x'], whole(0, 65_535)],
  GATEWAY_PORT: [['abc', '-1', '65536', 'OFF!'], (v) => `must be a port or "off", not "${v}"`],
  PUBLIC_URL: [['identity.example.org', 'ftp://example.org'], () => url('http:', 'https:')],
  WEB_CONCURRENCY: [['0', '257', 'many'], whole(1, 256)],
  DATABASE_URL: [['localhost:5432', 'mysql://u:secret@h/d', 'postgres:'], () => url('postgres:', 'postgresql:')],
  DATABASE_DIRECT_URL: [['localhost:5432', 'http://h/d'], () => url('postgres:', 'postgresql:')],
  DATABASE_PREPARED_STATEMENTS: [['maybe'], (v) => `must be on or off, not "${v}"`],
  DATABASE_REPLICA_URLS: [['postgres://a/b,nonsense', 'http://a'], () => urls('postgres:', 'postgresql:')],
  DATABASE_POOL: [['1', '501', 'x'], whole(2, 500)],
  DATABASE_TIMEOUT: [['0', '601', 'x'], whole(1, 600)],
  REDIS_URL: [
    ['localhost:6379', 'http://localhost', 'redis:host', 'redis+sentinels://a/b', 'redis://:pass word'],
    () =>
      'must be redis://host:port, rediss://host:port, redis+sentinel://host:port,host:port/name or ' +
      'redis+cluster://host:port,host:port',
  ],
  SECURITY_PROFILE: [['Strict', 'none'], (v) => `must be one of documented, strict, not "${v}"`],
  TOKEN_TTL: [['0', '-5', '1.5', 'hour', String(TEN_YEARS + 1)], whole(1, TEN_YEARS)],
  TOKEN_REFRESHABLE: [['0', '10h'], whole(1, TEN_YEARS)],
  ACCESS_TOKEN_TTL: [['0', '15m'], whole(1, TEN_YEARS)],
  REFRESH_TOKEN_TTL: [['0', '7d'], whole(1, TEN_YEARS)],
  REFRESH_GRACE: [['-1', '301', 'x'], whole(0, 300)],
  SESSION_MAX_AGE: [['0', 'x'], whole(1, TEN_YEARS)],
  BCRYPT_COST: [['3', '17', 'high'], whole(4, 16)],
  PASSWORD_MIN_LENGTH: [['5', '129', 'long'], whole(6, 128)],
  PASSWORD_WORKERS: [['-1', '257'], whole(0, 256)],
  PASSWORD_QUEUE: [['-1', '100001'], whole(0, 100_000)],
  PASSWORD_NICE: [['-1', '20'], whole(0, 19)],
  CORS_ORIGINS: [
    ['*', 'localhost:3000', 'https://a.example/path', 'https://a.example,*'],
    () => 'must be origins separated by commas, such as https://app.example.org ("*" cannot go with credentials)',
  ],
  TRUST_PROXY: [
    ['everybody', '10.0.0.0/33', '999.1.1.1', '-1', 'true'],
    () => 'must be off, a number of hops, or addresses and networks separated by commas',
  ],
  LOGIN_RATE_LIMIT: [
    ['5', '5/0', '0/60', '5/60/1', 'five/60', '-5/60', '5.5/60'],
    (v) => `must be AMOUNT/SECONDS, such as 5/60, not "${v}"`,
  ],
  REGISTRATION_RATE_LIMIT: [['150', '0/60'], (v) => `must be AMOUNT/SECONDS, such as 5/60, not "${v}"`],
  INTROSPECTION: [['maybe', '2'], (v) => `must be on or off, not "${v}"`],
  CONSOLE: [['maybe', '2'], (v) => `must be on or off, not "${v}"`],
  PLAYGROUND: [['maybe', '2'], (v) => `must be on or off, not "${v}"`],
  SMTP_URL: [['mail.example.org', 'http://mail'], () => url('smtp:', 'smtps:')],
  EUREKA_URL: [['eureka:8761', 'http://a,b'], () => urls('http:', 'https:')],
  KONG_ADMIN_URL: [['kong:8001'], () => url('http:', 'https:')],
  KONG_ADMIN_TOKEN: [['a b', 'żółć'], () => 'must be printable ASCII without spaces'],
  KONG_ADMIN_HEADER: [['a b', 'x:'], () => 'must be the name of a header'],
  KONG_UPSTREAM_URL: [['api:9000'], () => url('http:', 'https:')],
  KONG_ACL: [['maybe', '2'], (v) => `must be on or off, not "${v}"`],
  KONG_TIMEOUT: [['99', '120001', 'x'], whole(100, 120_000)],
  KONG_SIGN_IN_TIMEOUT: [['99', '300001', 'x'], whole(100, 300_000)],
  KONG_CREDENTIAL_TTL: [['0', 'x'], whole(1, TEN_YEARS)],
  KONG_MAX_CREDENTIALS: [['0', '101'], whole(1, 100)],
  LOG_LEVEL: [['verbose', 'INFO'], (v) => `must be one of fatal, error, warn, info, debug, trace, silent, not "${v}"`],
};
const table = Object.entries(BAD).flatMap(([name, [values, says]]) =>
  values.map((value) => [name, value, says(value)] as const),
);

test.each(table)('%s=%s is refused by name, with what it should be', (name, value, says) => {
  expect(problems({ [name]: value })).toEqual([`${name} ${says}`]);
});

test('every mistake is reported at once', () => {
  const env = Object.fromEntries(table.map(([name, value]) => [name, value]));
  const said = problems(env);
  expect(said).toHaveLength(Object.keys(BAD).length);
  expect(said.map((line) => line.split(' ', 1)[0]).sort()).toEqual(Object.keys(BAD).sort());
});

test('a value that may hold a password is not repeated', () => {
  const secret = 'hunter2';
  for (const name of ['DATABASE_URL', 'DATABASE_REPLICA_URLS', 'REDIS_URL', 'SMTP_URL', 'KONG_ADMIN_URL', 'EUREKA_URL'])
    expect(problems({ [name]: `mysql://user:${secret}@host` }).join()).not.toContain(secret);
  expect(problems({ JWT_SIGNER_KEY: secret }).join()).not.toContain(secret);
});

describe('JWT_SIGNER_KEY', () => {
  test('has at least 64 bytes, counted in UTF-8', () => {
    const short = "must be at least 64 bytes long (it has 63); make one with: openssl rand -base64 64 | tr -d '\\n'";
    expect(problems({ JWT_SIGNER_KEY: KEY.slice(0, 63) })).toEqual([`JWT_SIGNER_KEY ${short}`]);
    expect(problems({ JWT_SIGNER_KEY: KEY.slice(0, 64) })).toEqual([]);
    expect(problems({ JWT_SIGNER_KEY: 'ẰằẲẳẴẵẶặẾếỀềỂểỄễỆệ0123456789' })).toEqual([]); // 28 characters
  });

  test('is not a repeated word', () => {
    for (const key of ['secret'.repeat(20), '0'.repeat(64), 'ab'.repeat(64)])
      expect(problems({ JWT_SIGNER_KEY: key })).toEqual([
        'JWT_SIGNER_KEY is too regular to be a key; make one with: openssl rand -base64 64',
      ]);
  });

  test('is taken as it is, spaces at its ends included', () => {
    expect(loadConfig({ JWT_SIGNER_KEY: ` ${KEY} ` }).tokens.signerKey).toBe(` ${KEY} `);
  });
});

describe('values that contradict each other', () => {
  test.each<[Record<string, string>, string[]]>([
    [{ TOKEN_TTL: '7200', TOKEN_REFRESHABLE: '3600' }, ['TOKEN_REFRESHABLE must not be shorter than TOKEN_TTL']],
    [
      { ACCESS_TOKEN_TTL: '7200', REFRESH_TOKEN_TTL: '3600' },
      ['REFRESH_TOKEN_TTL must not be shorter than ACCESS_TOKEN_TTL'],
    ],
    [{ SESSION_MAX_AGE: '3600' }, ['SESSION_MAX_AGE must not be shorter than REFRESH_TOKEN_TTL']],
    [
      { WEB_CONCURRENCY: '2' },
      ['WEB_CONCURRENCY above 1 needs DATABASE_URL: the embedded database serves one process'],
    ],
    [{ PORT: '8080' }, ['PORT and GATEWAY_PORT must differ']],
    [{ JWT_SIGNER_KEY_PREVIOUS: KEY }, ['JWT_SIGNER_KEY_PREVIOUS needs JWT_SIGNER_KEY, the key that signs']],
  ])('%j', (env, expected) => {
    expect(problems(env)).toEqual(expected);
  });

  test('two free ports are two ports', () => {
    expect(problems({ PORT: '0', GATEWAY_PORT: '0' })).toEqual([]);
  });
});

describe('production', () => {
  test('starts with what is required, and names everything that is missing', () => {
    expect(problems(PRODUCTION)).toEqual([]);
    expect(problems({ NODE_ENV: 'production', SECURITY_PROFILE: 'strict', BCRYPT_COST: '9' })).toEqual([
      "JWT_SIGNER_KEY is required in production; make one with: openssl rand -base64 64 | tr -d '\\n'",
      'KEY_ENCRYPTION_KEY (openssl rand -base64 32), or JWT_PRIVATE_KEY (PKCS#8 PEM; Ed25519, P-256 or RSA), is ' +
        'required in production with SECURITY_PROFILE=strict',
      'ADMIN_USERNAME and ADMIN_PASSWORD are required in production; there is no default administrator',
      'BCRYPT_COST must be at least 10 in production',
    ]);
  });

  test.each([
    ['repeats itself', 'kX9-pL2_mQ7z'.repeat(8)],
    ['counts', `${'0123456789'.repeat(3)}abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`],
    ['is a phrase', 'this is the signing key of our company and nobody else could ever guess it'],
    ['holds a word that is guessed first', `change-me ${RANDOM_KEY}`],
  ])('refuses a signer key that %s, which development takes', (_what, key) => {
    const message = "JWT_SIGNER_KEY can be guessed; make one with: openssl rand -base64 64 | tr -d '\\n'";
    expect(problems({ ...PRODUCTION, JWT_SIGNER_KEY: key })).toEqual([message]);
    expect(problems({ JWT_SIGNER_KEY: key })).toEqual([]);
  });

  test('refuses another signer key that can be guessed, also where it only verifies', () => {
    expect(problems({ ...PRODUCTION, JWT_SIGNER_KEY_PREVIOUS: 'kX9-pL2_mQ7z'.repeat(8) })).toEqual([
      'JWT_SIGNER_KEY_PREVIOUS can be guessed: leave it out; users whose tokens it has signed log in again',
    ]);
  });

  test('takes a random signer key in base64 and in hexadecimal', () => {
    for (const encoding of ['base64', 'hex', 'base64url'] as const)
      for (let i = 0; i < 500; i++)
        expect(problems({ ...PRODUCTION, JWT_SIGNER_KEY: randomBytes(64).toString(encoding) })).toEqual([]);
  });

  test('hides schema and playground unless they are asked for; development shows them', () => {
    expect(loadConfig(PRODUCTION).graphql).toMatchObject({ introspection: false, playground: false });
    expect(loadConfig({ ...PRODUCTION, INTROSPECTION: 'on', PLAYGROUND: 'true' }).graphql).toMatchObject({
      introspection: true,
      playground: true,
    });
    expect(loadConfig({}).graphql).toMatchObject({ introspection: true, playground: true });
    expect(loadConfig({ SECURITY_PROFILE: 'strict' }).graphql).toMatchObject({
      introspection: false,
      playground: false,
    });
  });
});

describe('nothing at all', () => {
  test('gives the documented values', () => {
    expect(loadConfig({})).toMatchObject({
      environment: 'development',
      http: {
        host: 'localhost',
        port: 9000,
        gatewayPort: 8080,
        corsOrigins: ['http://localhost:3000', 'http://localhost:5173'],
        trustProxy: false,
        workers: 1,
      },
      database: { url: undefined, pool: 10 },
      redisUrl: undefined,
      tokens: {
        issuer: 'edufinai.uth.vn',
        compatTtl: 3600,
        compatRefreshable: 36_000,
        accessTtl: 900,
        refreshTtl: 604_800,
      },
      passwords: { cost: 10, minLength: 6 },
      loginLimit: { amount: 5, seconds: 60 },
      strict: false,
      log: { level: 'info', requests: false },
    });
  });

  test('is the same as empty values, and as spaces', () => {
    // no origin at all can be meant, and a password of spaces is one
    const names = variableNames.filter((name) => !['CORS_ORIGINS', 'ADMIN_PASSWORD'].includes(name));
    for (const value of ['', ' '])
      expect(loadConfig(Object.fromEntries(names.map((name) => [name, value])))).toEqual(loadConfig({}));
    expect(loadConfig({ CORS_ORIGINS: '' }).http.corsOrigins).toEqual([]);
  });

  test.each([
    'off',
    'false',
    '0',
    '1',
    '3',
    'loopback',
    '10.0.0.0/8',
    '10.1.2.3',
    '::1',
    'fd00::/8',
    'loopback,10.0.0.0/8, 192.168.0.0/16',
  ])('TRUST_PROXY=%s is understood', (value) => {
    expect(problems({ TRUST_PROXY: value })).toEqual([]);
  });
});

describe('secrets in files', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'secrets-'));
  afterAll(() => fs.rmSync(folder, { recursive: true }));
  const file = (content: string): string => {
    const name = path.join(folder, String(fs.readdirSync(folder).length));
    fs.writeFileSync(name, content);
    return name;
  };

  test('are read without the line end that editors add, and spaces stay', () => {
    expect(loadConfig({ JWT_SIGNER_KEY_FILE: file(` ${KEY} \n`) }).tokens.signerKey).toBe(` ${KEY} `);
    expect(loadConfig({ ADMIN_PASSWORD_FILE: file('two\nlines\r\n') }).seed.password).toBe('two\nlines');
  });

  test('count as the variable, in production too', () => {
    const { JWT_SIGNER_KEY, ADMIN_PASSWORD, ...others } = PRODUCTION;
    const files = { JWT_SIGNER_KEY_FILE: file(JWT_SIGNER_KEY), ADMIN_PASSWORD_FILE: file(ADMIN_PASSWORD) };
    expect(problems({ ...others, ...files })).toEqual([]);
    expect(problems({ JWT_SIGNER_KEY_FILE: file('short') })).toEqual([
      "JWT_SIGNER_KEY must be at least 64 bytes long (it has 5); make one with: openssl rand -base64 64 | tr -d '\\n'",
    ]);
  });

  test('exclude the variable itself; a missing or empty file is named, never its content', () => {
    expect(problems({ REDIS_URL: 'redis://a', REDIS_URL_FILE: file('redis://b') })).toEqual([
      'REDIS_URL and REDIS_URL_FILE are both set; keep one of them',
    ]);
    expect(problems({ SMTP_URL_FILE: '/no/such/file' })).toEqual([
      'SMTP_URL_FILE names /no/such/file, which cannot be read (ENOENT)',
    ]);
    const empty = file('\n');
    expect(problems({ KONG_SHARED_SECRET_FILE: empty })).toEqual([
      `KONG_SHARED_SECRET_FILE names ${empty}, which is empty`,
    ]);
    expect(problems({ DATABASE_URL_FILE: file('mysql://u:hunter2@h/d') }).join()).not.toContain('hunter2');
  });

  test('of private keys are several, one after the other, and none of them twice', () => {
    const [one, two] = [1, 2].map(() =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ) as [string, string];
    const read = (...pems: string[]) => loadConfig({ JWT_PRIVATE_KEY_FILE: pems.map(file).join(', ') });
    expect(read(one, two).tokens.privateKeys).toBe(`${one.trimEnd()}\n${two.trimEnd()}`);
    expect(() => read(one, one)).toThrow('JWT_PRIVATE_KEY holds the same key twice');
    expect(() => read(one, 'no key')).toThrow('JWT_PRIVATE_KEY holds something between or around its PEM blocks');
    const message =
      'KEY_ENCRYPTION_KEY takes one key over into PostgreSQL: wait until the others in JWT_PRIVATE_KEY are not ' +
      'needed any more, and leave the one that signs';
    const KEY_ENCRYPTION_KEY = randomBytes(32).toString('base64');
    expect(problems({ JWT_PRIVATE_KEY: one + two, KEY_ENCRYPTION_KEY })).toEqual([message]);
    expect(problems({ JWT_PRIVATE_KEY: one, KEY_ENCRYPTION_KEY })).toEqual([]);
  });

  test('are possible for every variable that may hold a secret', () => {
    expect(secretNames.filter((name) => !variableNames.includes(name))).toEqual([]);
    expect(
      variableNames
        .filter((name) => /SECRET|PASSWORD$|_KEY(_PREVIOUS)?$|_TOKEN$|_HEADERS$|^(DATABASE|REDIS|SMTP).*URL/.test(name))
        .sort(),
    ).toEqual(secretNames.filter((name) => name !== 'KONG_ADMIN_URL').sort());
  });
});

test.each([
  ['ADMIN_USERNAME', 'abc', 'cannot be a user name: Username must be at least 4 characters'],
  ['MAIL_FROM', 'no address', 'must look like no-reply@example.org or Identity <no-reply@example.org>'],
  ['SEED_ROLES', 'A,B C', 'holds "B C", which cannot be the name of a role'],
  ['JWT_PRIVATE_KEY', 'none', 'is not a private key in PKCS#8 PEM form'],
])('%s=%s is refused', (name, value, message) => {
  expect(problems({ [name]: value })).toEqual([`${name} ${message}`]);
});

test('development allows the origins of Vite and Next, production the documented one', () => {
  expect(loadConfig({}).http.corsOrigins).toEqual(['http://localhost:3000', 'http://localhost:5173']);
  expect(loadConfig(PRODUCTION).http.corsOrigins).toEqual(['http://localhost:3000']);
  expect(loadConfig({ CORS_ORIGINS: 'https://a.example' }).http.corsOrigins).toEqual(['https://a.example']);
});
