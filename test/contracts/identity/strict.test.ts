import { createPublicKey, verify } from 'node:crypto';
import { failed, forbidden, ok, type RestWorld, startRest, unauthenticated, uncategorized } from '../../support/rest';

const PASSWORD = 'four unusual words together';
let world: RestWorld;
beforeAll(async () => {
  world = await startRest({ env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: PASSWORD } });
});
afterAll(() => world.close());

const register = (over: object) =>
  world.main.call('POST /users', { body: { username: world.unique('strict'), password: PASSWORD, ...over } });

async function registered(): Promise<{ id: string; username: string; token: string }> {
  const { body } = await register({});
  const { id, username } = body.result;
  return { id, username, token: await world.login(username, PASSWORD) };
}

test('an unknown user and a wrong password have one answer', async () => {
  const { username } = await registered();
  const answers = await Promise.all(
    [username, world.unique('nobody')].map((name) =>
      world.main.call('POST /auth/token', { body: { username: name, password: 'another password here' } }),
    ),
  );
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [401, unauthenticated],
    [401, unauthenticated],
  ]);
});

test('a password has fifteen characters and is no common one', async () => {
  expect((await register({ password: 'fourteen chars' })).body).toEqual(
    failed(1004, 'Password must be at least 15 characters'),
  );
  const { status, body } = await register({ password: 'password123456789' });
  expect([status, body]).toEqual([
    400,
    failed(1004, 'This password is on the list of common passwords or repeats the account; choose another', [
      { field: 'password', message: 'This password is common or repeats the account; choose another' },
    ]),
  ]);
});

test('users cannot change their own password without the current one', async () => {
  const { id, username, token } = await registered();
  const { body } = await world.main.call('PUT /users/:userId', {
    params: { userId: id },
    token,
    body: { password: 'another password here' },
  });
  expect(body).toEqual(
    uncategorized('password', 'Change your own password with changePassword, which takes the current one'),
  );
  expect(await world.login(username, PASSWORD)).toEqual(expect.any(String));
});

test('tokens are typed, and verify with the published key alone', async () => {
  const { token } = await registered();
  const [header = '', claims = '', signature = ''] = token.split('.');
  const { keys } = (await (await fetch(`${world.app.origin}/.well-known/jwks.json`)).json()) as {
    keys: { kid: string; alg: string }[];
  };
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    alg: 'EdDSA',
    typ: 'at+jwt',
    kid: keys[0]!.kid,
  });
  const key = createPublicKey({ key: keys[0] as never, format: 'jwk' });
  expect(verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
});

test('a token is introspected by callers with the scope, and is invalid for all others', async () => {
  const { token } = await registered();
  const introspect = (bearer?: string) => world.main.call('POST /auth/introspect', { body: { token }, token: bearer });
  expect((await introspect()).body).toEqual({ ...unauthenticated, result: { valid: false } });
  expect((await introspect((await registered()).token)).status).toBe(401);
  expect((await introspect(token)).body).toEqual(ok({ valid: true }));
  expect((await introspect(await world.login('admin', PASSWORD))).body).toEqual(ok({ valid: true }));
});

test('everything else is as documented', async () => {
  const { id, token } = await registered();
  expect((await world.main.call('GET /users', { token })).body).toEqual(forbidden);
  expect((await world.gateway.call('GET /users/:userId', { params: { userId: id }, token })).status).toBe(200);
  const refreshed = await world.main.call('POST /auth/refresh', { body: { token } });
  expect(refreshed.body).toEqual(ok({ token: expect.any(String), authenticated: true }));
  expect((await world.main.call('GET /users/my-info', { token })).status).toBe(401);
});
