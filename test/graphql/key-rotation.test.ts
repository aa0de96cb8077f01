import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { decodeProtectedHeader } from 'jose';
import { MeDocument } from '../../src/rest/generated/operations';
import { KeyEncryption } from '../../src/security/tokens/key-encryption';
import { SigningKeyStore } from '../../src/security/tokens/signing-key-store';
import { startApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

const PASSWORD = 'four unusual words together';
const ENCRYPTION_KEY = randomBytes(32);
const STRICT = { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: PASSWORD };
const ENV = { ...STRICT, KEY_ENCRYPTION_KEY: ENCRYPTION_KEY.toString('base64') };
const TIMES = { wait: 360, tokenLife: 36_060 };

let database: TestDatabase;
let a: TestApp;
let b: TestApp;
let store: SigningKeyStore;
beforeAll(async () => {
  database = await createTestDatabase();
  const shared = { url: database.url, drop: async () => {} };
  a = await startApp({ env: ENV, database: shared });
  b = await startApp({ env: ENV, database: shared, clock: a.clock });
  const em = a.app.database.orm.em.fork({ useContext: false });
  store = new SigningKeyStore({ em, encryption: new KeyEncryption(ENCRYPTION_KEY), clock: a.clock });
});
afterAll(async () => {
  await Promise.all([a, b].map((app) => app?.close()));
  await database.drop();
});
/** One key, as after a first start. */
beforeEach(async () => {
  const kid = (await store.replaceAll('EdDSA'))!;
  await a.sql('delete from signing_keys where retires_at is not null');
  for (const app of [a, b])
    await eventually('the new key', async () => isDeepStrictEqual((await jwks(app)).kids, [kid]));
});

const jwks = async (app: TestApp) => {
  const response = await fetch(`${app.origin}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: { kid: string; d?: string }[] };
  return { kids: keys.map(({ kid }) => kid), keys, cacheControl: response.headers.get('cache-control') };
};
/** Logs in on one process, and uses the token on both. @returns the id of the key that signed */
async function signingKid(app: TestApp): Promise<string | undefined> {
  const { accessToken } = await app.login('admin', PASSWORD);
  for (const each of [a, b]) expect(await each.outcome(MeDocument, {}, accessToken)).toBe('ok');
  return decodeProtectedHeader(accessToken).kid;
}
const states = async () => Object.fromEntries((await store.list()).map(({ row, state }) => [row.kid, state]));

test('the first start makes one key, which all processes sign with and publish', async () => {
  await a.sql('truncate signing_keys');
  const next = await startApp({ env: ENV, database: { url: database.url, drop: async () => {} }, clock: a.clock });
  await next.close();
  const { kids, keys, cacheControl } = await jwks(a);
  expect(kids).toHaveLength(1);
  expect(keys[0]).not.toHaveProperty('d');
  expect(cacheControl).toBe('public, max-age=300');
  expect(await jwks(b)).toEqual({ kids, keys, cacheControl });
  expect([await signingKid(a), await signingKid(b)]).toEqual([kids[0], kids[0]]);
});

test('a rotation publishes, then signs, then retires, on every process and without a failed request', async () => {
  const [old] = (await jwks(a)).kids;
  const oldToken = (await a.login('admin', PASSWORD)).accessToken;
  const added = (await store.rotate(TIMES))!;

  await eventually('the new key on the other process', async () => (await jwks(b)).kids.includes(added));
  expect((await jwks(a)).kids).toEqual([added, old]);
  expect([await signingKid(a), await signingKid(b)]).toEqual([old, old]);
  expect(await states()).toEqual({ [added]: 'published', [old!]: 'signing' });

  a.clock.advance(359);
  expect(await signingKid(b)).toBe(old);
  a.clock.advance(1);
  expect([await signingKid(a), await signingKid(b)]).toEqual([added, added]);
  expect(await states()).toEqual({ [added]: 'signing', [old!]: 'verifying' });
  for (const app of [a, b]) expect(await app.outcome(MeDocument, {}, oldToken)).toBe('ok');
  expect((await jwks(b)).kids).toEqual([added, old]);

  a.clock.advance(36_060);
  expect(await states()).toEqual({ [added]: 'signing', [old!]: 'retired' });
  for (const app of [a, b]) expect((await jwks(app)).kids).toEqual([added]);
  expect(await signingKid(a)).toBe(added);
});

test('a process that starts in the middle of a rotation goes on with it', async () => {
  const [old] = (await jwks(a)).kids;
  const added = (await store.rotate(TIMES))!;
  a.clock.advance(360);
  const late = await startApp({ env: ENV, database: { url: database.url, drop: async () => {} }, clock: a.clock });
  expect(await signingKid(late)).toBe(added);
  expect((await jwks(late)).kids).toEqual([added, old]);
  await late.close();
});

test('of simultaneous rotations one counts, and while it waits no other begins', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, () => store.rotate(TIMES)));
  expect(ids.filter((id) => id !== null)).toHaveLength(1);
  a.clock.advance(359);
  expect(await store.rotate(TIMES)).toBeNull();
  a.clock.advance(1);
  expect(await store.rotate(TIMES)).not.toBeNull();
  expect(Object.values(await states()).sort()).toEqual(['published', 'signing', 'verifying']);
});

test('after a theft a new key signs at once, and tokens of all others are refused on every process', async () => {
  const stolen = (await a.login('admin', PASSWORD)).accessToken;
  for (const app of [a, b]) expect(await app.outcome(MeDocument, {}, stolen)).toBe('ok');
  await store.rotate(TIMES);
  const added = (await store.replaceAll('ES256'))!;
  for (const app of [a, b])
    await eventually('the refusal', async () => (await app.outcome(MeDocument, {}, stolen)) !== 'ok');
  expect([await signingKid(a), await signingKid(b)]).toEqual([added, added]);
  a.clock.advance(3600); // the key that was waiting never signs
  expect(await signingKid(b)).toBe(added);
  expect((await jwks(b)).keys).toEqual([expect.objectContaining({ kid: added, alg: 'ES256', crv: 'P-256' })]);
  expect(await store.rotate(TIMES)).not.toBeNull();
});

test('a new key has the algorithm of the one before it', async () => {
  await store.replaceAll('RS256');
  const added = await store.rotate(TIMES);
  const { keys } = await jwks(a);
  expect(keys.find(({ kid }) => kid === added)).toMatchObject({ kty: 'RSA', alg: 'RS256' });
});

test('private keys are encrypted, each for its own row, and are forgotten an hour after they have signed', async () => {
  await store.rotate(TIMES);
  const rows = await a.sql<{ kid: string; private_jwk: string }>('select kid, private_jwk from signing_keys');
  for (const { kid, private_jwk } of rows)
    expect(decodeProtectedHeader(private_jwk)).toEqual({ alg: 'dir', enc: 'A256GCM', cty: 'jwk+json', kid });
  const afterCleanUp = async () => {
    await a.app.cleanUp.run();
    return (await a.sql<{ kept: number }>('select count(private_jwk)::int as kept from signing_keys'))[0]!.kept;
  };
  a.clock.advance(360 + 3599);
  const kept = await afterCleanUp();
  expect(kept).toBeGreaterThan(1);
  a.clock.advance(2);
  await eventually('the private key is forgotten', async () => (await afterCleanUp()) === 1); // a round of the server may go on
  await signingKid(b);
});

test('a server with another encryption key, or none, does not start and says why', async () => {
  const shared = { url: database.url, drop: async () => {} };
  const start = (env: Record<string, string>) => startApp({ env: { ...STRICT, ...env }, database: shared });
  const [kid] = (await jwks(a)).kids;
  await expect(start({ KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') })).rejects.toThrow(
    `The private key ${kid} in PostgreSQL cannot be decrypted: KEY_ENCRYPTION_KEY is not the key that it was ` +
      'encrypted with, or the row was changed',
  );
  await expect(start({})).rejects.toThrow(
    'The keys of this database are in PostgreSQL: set KEY_ENCRYPTION_KEY to the key that they are encrypted with',
  );
  await expect(start({ KEY_ENCRYPTION_KEY: 'c2hvcnQ=' })).rejects.toThrow(
    'KEY_ENCRYPTION_KEY must be 32 bytes as base64; make one with: openssl rand -base64 32',
  );
});

test('a private key in the row of another key is not used', async () => {
  await store.rotate(TIMES);
  await a.sql(`update signing_keys set private_jwk =
    (select private_jwk from signing_keys as other where other.kid <> signing_keys.kid)`);
  const start = startApp({ env: ENV, database: { url: database.url, drop: async () => {} } });
  await expect(start).rejects.toThrow('is that of another key');
});

describe('with JWT_PRIVATE_KEY', () => {
  const pem = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test('the first of several keys signs, and all are published and accepted', async () => {
    const [old, next] = [pem(), pem()];
    const clock = a.clock;
    const own = await createTestDatabase();
    const start = (JWT_PRIVATE_KEY: string) =>
      startApp({ env: { ...STRICT, JWT_PRIVATE_KEY }, database: { url: own.url, drop: async () => {} }, clock });
    // one process after the other: publishes the next, signs with it, leaves the old one out
    const [first, second] = [await start(`${old}${next}`), await start(`${next}${old}`)];
    expect((await jwks(first)).kids.toSorted()).toEqual((await jwks(second)).kids.toSorted());
    for (const [one, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const { accessToken } = await one.login('admin', PASSWORD);
      expect(decodeProtectedHeader(accessToken).kid).toBe((await jwks(one)).kids[0]);
      expect(await other.outcome(MeDocument, {}, accessToken)).toBe('ok');
    }
    const last = await start(next);
    const { accessToken } = await first.login('admin', PASSWORD);
    expect(await last.outcome(MeDocument, {}, accessToken)).toBe('UNAUTHENTICATED');
    for (const app of [first, second, last]) await app.close();
    await own.drop();
  });

  test('PostgreSQL takes the key over, and tokens of it go on', async () => {
    const own = await createTestDatabase();
    const shared = { url: own.url, drop: async () => {} };
    const JWT_PRIVATE_KEY = pem();
    const before = await startApp({ env: { ...STRICT, JWT_PRIVATE_KEY }, database: shared });
    const { accessToken } = await before.login('admin', PASSWORD);
    const after = await startApp({ env: { ...ENV, JWT_PRIVATE_KEY }, database: shared, clock: before.clock });
    expect(await after.outcome(MeDocument, {}, accessToken)).toBe('ok');
    expect(after.logs.map(({ msg }) => msg)).toContain(
      'JWT_PRIVATE_KEY was taken over into PostgreSQL: remove it from the environment',
    );
    expect(await jwks(after)).toEqual(await jwks(before));
    for (const app of [before, after]) await app.close();
    await own.drop();
  });
});
