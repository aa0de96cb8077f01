import { decodeJwt, SignJWT } from 'jose';
import { LogoutDocument } from '../../src/rest/generated/operations';
import { type KongWorld, startKongWorld } from '../fakes/kong/kong-world';

let world: KongWorld;
beforeAll(async () => {
  world = await startKongWorld();
});
afterAll(() => world.close());

const logout = async (token: string) => (await world.app.gql(LogoutDocument, { input: { token } })).body;
const done = { data: { logout: { ok: true } } };

async function signedIn() {
  const user = await world.app.user();
  const key = await world.key(user.username);
  return { ...user, key, token: await world.token(key) };
}

/** The same claims, signed with another secret. */
const forged = (token: string, secret: string) =>
  new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));

describe('logout with a token of Kong', () => {
  test('ends its credential, here and in Kong, and no other of the user', async () => {
    const user = await signedIn();
    const other = await world.key(user.username);
    expect(await logout(user.token)).toEqual(done);
    expect((await world.info(user.token)).status).toBe(401);
    expect((await world.authJwt(user.key)).status).toBe(401);
    expect(await world.keysInKong(user.username)).toEqual([other]);
    expect((await world.authJwt(other)).status).toBe(200);
  });

  test('is in the audit log, and answers again in the same way', async () => {
    const user = await signedIn();
    for (let i = 0; i < 2; i++) expect(await logout(user.token)).toEqual(done);
    const events = await world.app.sql(
      `select count(*)::int as count from audit_events where action = 'kong.signed-out' and target_id = $1`,
      [user.id],
    );
    expect(events).toEqual([{ count: 1 }]);
  });

  test('works with an expired token, because its key can still get another', async () => {
    const user = await signedIn();
    const { body } = await world.admin('GET', `/consumers/${user.username}/jwt/${user.key}`);
    const expired = await new SignJWT({ iss: user.key, exp: 1 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(body.secret));
    expect(await logout(expired)).toEqual(done);
    expect((await world.authJwt(user.key)).status).toBe(401);
  });

  test('changes nothing without the right signature: the key alone is public', async () => {
    const user = await signedIn();
    const [header, payload] = user.token.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    for (const token of [
      await forged(user.token, 'x'.repeat(32)),
      `${header}.${payload}.`,
      `${header}.${payload}.AAAA`,
      none,
    ])
      expect(await logout(token)).toEqual(done);
    expect((await world.info(user.token)).status).toBe(200);
    expect((await world.authJwt(user.key)).status).toBe(200);
  });

  test('is limited for each client, so that no client makes the server call Kong at will', async () => {
    const user = await signedIn();
    const wrong = await forged(user.token, 'y'.repeat(32));
    const answers = await Promise.all(Array.from({ length: 130 }, () => logout(wrong)));
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions?.code) ?? []);
    expect(new Set(codes)).toEqual(new Set(['RATE_LIMITED']));
    expect((await logout('no.token.atall')).errors).toBeUndefined();
  });
});

test('while Kong is away the logout says so, and works when it is back', async () => {
  const other = await startKongWorld();
  try {
    const user = await other.app.user();
    const key = await other.key(user.username);
    const token = await other.token(key);
    other.gateway.stopDatabase();
    const { body } = await other.app.gql(LogoutDocument, { input: { token } });
    expect(body.errors?.[0]?.extensions?.code).toBe('GATEWAY_FAILED');
    other.gateway.startDatabase();
    expect((await other.app.gql(LogoutDocument, { input: { token } })).body).toEqual(done);
    expect((await other.info(token)).status).toBe(401);
  } finally {
    await other.close();
  }
});
