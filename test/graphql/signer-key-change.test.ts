import { randomBytes } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { MeDocument, RefreshDocument } from '../../src/rest/generated/operations';
import { deriveSharedKeys } from '../../src/security/tokens/signing-keys';
import { OneTimeCodes } from '../../src/services/recovery/one-time-codes';
import { SIGNER_KEY, startApp, type TestApp, type TestUser } from '../support/app';
import { createSeededDatabase, type TestDatabase } from '../support/database';
import { foreignCompatToken } from '../support/tokens';

const NEW_KEY = randomBytes(64).toString('base64');

/** The processes of one installation, in the order in which they are restarted. */
let before: TestApp;
let accepting: TestApp;
let signing: TestApp;
let after: TestApp;
let database: TestDatabase;
let user: TestUser;
beforeAll(async () => {
  database = await createSeededDatabase();
  const shared = { url: database.url, drop: async () => {} };
  before = await startApp({ database: shared });
  const { clock } = before;
  const start = (env: Record<string, string>) => startApp({ env, database: shared, clock });
  accepting = await start({ JWT_SIGNER_KEY: SIGNER_KEY, JWT_SIGNER_KEY_PREVIOUS: NEW_KEY });
  signing = await start({ JWT_SIGNER_KEY: NEW_KEY, JWT_SIGNER_KEY_PREVIOUS: SIGNER_KEY });
  after = await start({ JWT_SIGNER_KEY: NEW_KEY });
  user = await before.user();
});
afterAll(async () => {
  for (const app of [before, accepting, signing, after]) await app.close();
  await database.drop();
});

const me = (app: TestApp, token: string) => app.outcome(MeDocument, {}, token);
const refreshed = async (app: TestApp, refreshToken: string) =>
  (await app.data(RefreshDocument, { input: { refreshToken } })).refresh!.tokens;
const compat = () => foreignCompatToken({ subject: user.username, issuedAt: before.clock.seconds });

/** Which processes run side by side in each restart, both ways. */
const together = (): [string, TestApp, TestApp][] => [
  ['1', before, accepting],
  ['2', accepting, signing],
  ['3', signing, after],
];

test('in each of the three restarts, the tokens of either kind of process are accepted by the other', async () => {
  for (const [, one, other] of together())
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const tokens = await from.login(user.username);
      expect(decodeProtectedHeader(tokens.accessToken)).toEqual({ alg: 'HS512', typ: 'at+jwt' });
      expect(await me(to, tokens.accessToken)).toBe('ok');
      const next = await refreshed(to, tokens.refreshToken);
      expect(await refreshed(from, tokens.refreshToken)).toMatchObject({ refreshToken: next.refreshToken }); // repeated
      expect(await me(from, next.accessToken)).toBe('ok');
    }
});

test('a token of an earlier service is accepted until the last restart', async () => {
  const token = await compat();
  for (const app of [before, accepting, signing]) expect(await me(app, token)).toBe('ok');
  expect(await me(after, token)).toBe('UNAUTHENTICATED');
});

test('a token of the old key is refused afterwards, and one of the new key before', async () => {
  expect(await me(after, (await before.login(user.username)).accessToken)).toBe('UNAUTHENTICATED');
  expect(await me(before, (await after.login(user.username)).accessToken)).toBe('UNAUTHENTICATED');
});

test('a code that was sent before the change is right after it', async () => {
  const em = before.app.database.orm.em.fork({ useContext: false });
  const codes = (...keys: [string, string?]) => new OneTimeCodes(em, deriveSharedKeys(...keys).codes, before.clock);
  const email = 'change@example.com';
  const { id } = await before.user({ email });
  const { code } = (await codes(SIGNER_KEY).issue('reset-password', { userId: id, email }))!;
  const tryWith = async (...keys: [string, string?]) =>
    (await codes(...keys).try('reset-password', { email, code, client: 'c', isKnown: true })).match;
  expect(await tryWith(NEW_KEY)).toBeNull();
  expect(await tryWith(NEW_KEY, SIGNER_KEY)).toMatchObject({ userId: id });
});
