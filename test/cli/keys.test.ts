import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommand } from '../../src/cli/account-transfer/command';
import { keysListCommand } from '../../src/cli/keys/keys-list-command';
import { keysRotateCommand } from '../../src/cli/keys/keys-rotate-command';
import { startApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';

const KEY_ENCRYPTION_KEY = randomBytes(32).toString('base64');
const STRICT = { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: 'four unusual words together' };
let app: TestApp;
let empty: TestDatabase;
beforeAll(async () => {
  app = await startApp({ env: { ...STRICT, KEY_ENCRYPTION_KEY } });
  empty = await createTestDatabase();
});
afterAll(async () => {
  await app.close();
  await empty.drop();
});

const commands = { rotate: keysRotateCommand, list: keysListCommand };

async function run(name: keyof typeof commands, args: string[] = [], env: Record<string, string> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const all = { ...STRICT, KEY_ENCRYPTION_KEY, DATABASE_URL: app.databaseUrl, ...env };
  const context = { env: all, stdin: new PassThrough(), stdout, stderr };
  const code = await runCommand(name, commands[name], { args, context });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const KID = '[\\w-]{43}';

test('keys:rotate says what will happen, and once more that it is under way', async () => {
  const { code, out, err } = await run('rotate', ['--wait', '301']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(
    new RegExp(
      `^${KID} is published and signs from ${TIME}\\.\n${KID} signs until then; its tokens are accepted until ${TIME}\\.\n$`,
    ),
  );
  const again = await run('rotate');
  expect(again.code).toBe(0);
  expect(again.out).toBe(
    `A rotation is under way: ${out.split('\n')[0]!.replace('is published and ', '')} Nothing was changed.\n`,
  );
});

test('keys:list shows id, state and moments, and nothing private', async () => {
  const { code, out } = await run('list');
  expect(code).toBe(0);
  const [head, ...rows] = out.trimEnd().split('\n');
  expect(head!.split(/ +/)).toEqual(['id', 'algorithm', 'state', 'since', 'until']);
  expect(rows.map((row) => row.split(/ +/).slice(1, 3))).toEqual([
    ['EdDSA', 'published'],
    ['EdDSA', 'signing'],
  ]);
  for (const row of rows) expect(row).toMatch(new RegExp(`^${KID}  EdDSA +\\w+ +${TIME}  ${TIME}$`));
});

test('keys:rotate --now replaces all keys', async () => {
  const { code, out } = await run('rotate', ['--now', '--alg', 'ES256']);
  expect([code, out.slice(43)]).toEqual([
    0,
    ' signs from now on. The tokens of all other keys are rejected; clients refresh or log in again.\n',
  ]);
  expect((await run('list')).out.match(/ES256 +signing|EdDSA +retired/g)).toHaveLength(3);
});

const refusals: [string, string[], Record<string, string>, string][] = [
  ['in the documented profile', [], { SECURITY_PROFILE: 'documented' }, 'Keys are rotated in the strict profile'],
  ['without an encryption key', [], { KEY_ENCRYPTION_KEY: '' }, 'The keys of this server are not in PostgreSQL'],
  [
    'with another encryption key',
    [],
    { KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') },
    'cannot be decrypted',
  ],
  [
    'with a wait in which clients keep the old keys',
    ['--wait', '300'],
    {},
    '--wait must be more than JWKS_MAX_AGE (300)',
  ],
  ['with a wait that is no number', ['--wait', 'long'], {}, 'It takes a whole number of seconds.'],
  ['with an unknown algorithm', ['--alg', 'HS512'], {}, 'Allowed choices are EdDSA, ES256, RS256.'],
];
test.each(refusals)('keys:rotate changes nothing %s', async (_case, args, env, message) => {
  const before = (await run('list')).out;
  const { code, err } = await run('rotate', args, env);
  expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  expect((await run('list')).out).toBe(before);
});

test('before the first start there is nothing to rotate', async () => {
  for (const name of ['rotate', 'list'] as const)
    expect((await run(name, [], { DATABASE_URL: empty.url })).err).toBe(
      'The database has no keys yet: start the server once.\n',
    );
});
