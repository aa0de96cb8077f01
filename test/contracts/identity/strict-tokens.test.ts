import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { MeDocument } from '../../../src/rest/generated/operations';
import { type RestWorld, startRest, unauthenticated } from '../../support/rest';

/** Tokens of the strict profile are what RFC 9068 says, or none: each rightly signed here. */
const PASSWORD = 'four unusual words together';
let world: RestWorld;
let key: KeyObject;
let compat: string;
let session: string;
beforeAll(async () => {
  const pair = generateKeyPairSync('ed25519');
  key = pair.privateKey;
  world = await startRest({
    env: {
      SECURITY_PROFILE: 'strict',
      ADMIN_PASSWORD: PASSWORD,
      JWT_PRIVATE_KEY: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  compat = await world.login('admin', PASSWORD);
  session = (await world.app.login('admin', PASSWORD)).accessToken;
});

const sign = (token: string, typ: string | undefined, over: JWTPayload = {}) => {
  const claims = Object.fromEntries(
    Object.entries({ ...decodeJwt(token), ...over }).filter(([, value]) => value !== null),
  );
  const { kid } = decodeProtectedHeader(token);
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid, ...(typ && { typ }) }).sign(key);
};
const isAccepted = async (token: string) => {
  const overRest = (await world.main.call('GET /users/my-info', { token })).status === 200;
  const overGraphql = (await world.app.outcome(MeDocument, {}, token)) === 'ok';
  expect(overRest).toBe(overGraphql);
  return overRest;
};

describe.each([
  ['a compat token', () => compat],
  ['a session access token', () => session],
])('%s', (_what, issued) => {
  test('is accepted with `typ: at+jwt`, also written in full', async () => {
    expect(await isAccepted(await sign(issued(), 'at+jwt'))).toBe(true);
    expect(await isAccepted(await sign(issued(), 'application/at+jwt'))).toBe(true);
  });

  test.each([undefined, 'JWT', 'rt+jwt', 'secevent+jwt'])('is refused with the type %s', async (typ) => {
    expect(await isAccepted(await sign(issued(), typ))).toBe(false);
  });

  test.each([
    ['no audience', { aud: null }],
    ['another audience', { aud: 'elsewhere' }],
    ['no session', { sid: null }],
    ['no kind', { token_use: null }],
    ['another subject', { sub: '00000000-0000-4000-8000-000000000000' }],
    ['the user name as its subject', { sub: 'admin' }],
  ])('is refused with %s', async (_claim, over) => {
    expect(await isAccepted(await sign(issued(), 'at+jwt', over as unknown as JWTPayload))).toBe(false);
  });
});

test('a token of an earlier service, which names its account alone, is neither accepted nor refreshed', async () => {
  for (const typ of [undefined, 'at+jwt']) {
    const foreign = await sign(compat, typ, { sid: null, token_use: null, sub: 'admin' } as unknown as JWTPayload);
    expect(await isAccepted(foreign)).toBe(false);
    expect((await world.main.call('POST /auth/refresh', { body: { token: foreign } })).body).toEqual(unauthenticated);
  }
});
