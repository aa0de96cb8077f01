import { decodeProtectedHeader } from 'jose';
import { CreateUserDocument } from '../../../src/rest/generated/operations';
import { StillClock } from '../../support/clock';
import { A_JWT, refused, type SessionWorld, startSessions } from './support';

const PASSWORD = 'a password long enough for strict';
const INVALID_REFRESH = refused(401, 'INVALID_REFRESH_TOKEN', 'Invalid refresh token');

let world: SessionWorld;
let email: string;
beforeAll(async () => {
  world = await startSessions({
    clock: new StillClock(),
    env: { SECURITY_PROFILE: 'strict', ADMIN_PASSWORD: PASSWORD },
  });
});
afterAll(() => world.app.close());
beforeEach(async () => {
  email = `strict${Math.random()}@example.org`;
  await world.app.data(CreateUserDocument, { input: { username: email.replace('@', '-'), email, password: PASSWORD } });
});

const login = async () => (await world.main.call('POST /auth/login', { body: { email, password: PASSWORD } })).body;
const refresh = (refreshToken: string) => world.main.call('POST /auth/refresh', { body: { refreshToken } });

test('every refresh gives a new refresh token beside the access token, signed asymmetrically', async () => {
  const first = await login();
  expect(decodeProtectedHeader(first.accessToken)).toEqual({
    alg: expect.stringMatching(/^(EdDSA|Ed25519|ES256|RS256)$/),
    typ: 'at+jwt',
    kid: expect.any(String),
  });
  const { status, body } = await refresh(first.refreshToken);
  expect({ status, body }).toEqual({ status: 200, body: { accessToken: A_JWT, refreshToken: A_JWT } });
  expect(body.refreshToken).not.toBe(first.refreshToken);
  expect((await refresh(body.refreshToken)).status).toBe(200);
});

test('twenty at once get the same successor; a replay within ten seconds too; a later one ends the session', async () => {
  const { refreshToken } = await login();
  const all = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
  expect(new Set(all.map(({ body }) => body.refreshToken)).size).toBe(1);
  world.app.clock.advance(8);
  const successor = all[0]!.body.refreshToken;
  expect((await refresh(refreshToken)).body.refreshToken).toBe(successor);
  world.app.clock.advance(3);
  expect(await refresh(refreshToken)).toMatchObject({ status: 401, body: INVALID_REFRESH });
  expect(await refresh(successor)).toMatchObject({ status: 401, body: INVALID_REFRESH });
});
