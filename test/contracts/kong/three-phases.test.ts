import { decodeJwt, decodeProtectedHeader } from 'jose';
import { KongWorld, startKongWorld } from '../../fakes/kong/kong-world';
import { ADMIN, PASSWORD, type TestUser } from '../../support/app';

/**
 * 000: the sequence of its diagram, arrow by arrow, through the test gateway with what kong:setup
 * makes.
 */
const KEY = expect.stringMatching(/^[\w-]{32}$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const SIGNED_IN = 'Signed in: get a token for this key at /auth-jwt of the gateway';

let world: KongWorld;
let lan: TestUser;

beforeAll(async () => {
  world = await startKongWorld();
  lan = await world.app.user({ username: 'lan.tran' });
});
afterAll(() => world.close());

/** The Admin API requests of `work`, without what is random in them. */
async function callsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const from = world.gateway.calls.length;
  await work();
  return world.gateway.calls
    .slice(from)
    .map((call) => call.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, '{id}'));
}

describe('the diagram', () => {
  test('signs in, gets a token for the key, and reaches the protected resource under the own name', async () => {
    const calls = await callsDuring(async () => {
      const signedIn = await world.signIn('lan.tran');
      expect(signedIn).toMatchObject({ status: 200, body: { message: SIGNED_IN, jwt_issuer_key: KEY } });
      expect(Object.keys(signedIn.body)).toEqual(['message', 'jwt_issuer_key']);
    });
    expect(calls).toEqual(['GET /consumers/lan.tran', 'POST /consumers', 'POST /consumers/{id}/jwt']);
    const { body: consumer } = await world.admin('GET', '/consumers/lan.tran');

    const { jwt_issuer_key: key } = (await world.signIn('lan.tran')).body;
    const issued = await world.authJwt(key);
    expect(issued).toMatchObject({
      status: 200,
      body: { access_token: expect.any(String), token_type: 'Bearer', expires_in: 900 },
    });
    expect(Object.keys(issued.body)).toEqual(['access_token', 'token_type', 'expires_in']);
    expect(issued.headers.get('cache-control')).toBe('no-store');

    const info = await world.info(issued.body.access_token);
    expect(info.status).toBe(200);
    expect(info.body).toEqual({
      message: 'The gateway accepted the token',
      username: 'lan.tran',
      consumer_id: consumer.id,
    });
  });

  test('finds the consumer of an earlier sign-in, and makes another credential', async () => {
    const first = await world.key('lan.tran');
    expect(await callsDuring(() => world.signIn('lan.tran'))).toEqual([
      'GET /consumers/lan.tran',
      'POST /consumers/{id}/jwt',
    ]);
    expect(await world.key('lan.tran')).not.toBe(first);
  });

  test('takes an e-mail address as the user name, and signs in at the gateway too', async () => {
    await world.app.user({ username: 'mai.le', email: 'mai@example.org' });
    const { status, body } = await world.via('POST', '/api/public/signin', {
      body: { username: 'Mai@Example.org', password: PASSWORD },
    });
    expect({ status, body }).toEqual({ status: 200, body: { message: SIGNED_IN, jwt_issuer_key: KEY } });
    expect((await world.info(await world.token(body.jwt_issuer_key))).body.username).toBe('mai.le');
  });

  test('invalid credentials are 401 and no call to Kong', async () => {
    const calls = await callsDuring(async () => {
      for (const [username, password] of [
        ['lan.tran', 'wrong'],
        ['nobody', PASSWORD],
        ['lan.tran', ''],
      ] as const) {
        const { status, headers, body } = await world.signIn(username, password);
        expect({ status, body }).toEqual({ status: 401, body: { message: 'Invalid credentials' } });
        expect(headers.get('www-authenticate')).toBe('Bearer realm="kong"');
      }
    });
    expect(calls).toEqual([]);
  });

  test('a disabled account with the right password is 403, with the wrong one 401, and neither reaches Kong', async () => {
    const { id } = await world.app.user({ username: 'gone.away' });
    await world.app.sql('update users set is_active = false where id = $1', [id]);
    const calls = await callsDuring(async () => {
      expect(await world.signIn('gone.away')).toMatchObject({
        status: 403,
        body: { message: 'This account is disabled' },
      });
      expect(await world.signIn('gone.away', 'wrong')).toMatchObject({ status: 401 });
    });
    expect(calls).toEqual([]);
  });

  test('GraphQL signs in and gets tokens by the same rules', async () => {
    const { body } = await world.graphqlSignIn('lan.tran');
    expect(body).toEqual({ data: { kongSignIn: { key: KEY } } });
    const issued = await world.graphqlToken(body.data?.kongSignIn?.key ?? '');
    expect(issued.body).toEqual({
      data: { kongToken: { accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 900 } },
    });
    expect((await world.info(issued.body.data?.kongToken?.accessToken)).body.username).toBe('lan.tran');
    expect((await world.graphqlSignIn('lan.tran', 'wrong')).body.errors?.[0]?.extensions).toEqual({
      code: 'INVALID_CREDENTIALS',
    });
  });

  test('a sign-in is in the history of the account, and sets its last login', async () => {
    const { id } = await world.app.user({ username: 'vinh.ho' });
    await world.app.sql('update users set last_login_at = null where id = $1', [id]);
    await world.key('vinh.ho');
    await world.signIn('vinh.ho', 'wrong');
    expect(await world.app.sql('select last_login_at is not null as set from users where id = $1', [id])).toEqual([
      { set: true },
    ]);
    const attempts =
      'select channel, outcome, identifier from login_attempts where user_id = $1 and channel = $2 order by id';
    expect(await world.app.sql(attempts, [id, 'kong'])).toEqual([
      { channel: 'kong', outcome: 'ok', identifier: 'vinh.ho' },
      { channel: 'kong', outcome: 'wrong-password', identifier: 'vinh.ho' },
    ]);
    const events = 'select action, actor_name from audit_events where target_id = $1 and action like $2';
    expect(await world.app.sql(events, [id, 'kong.%'])).toEqual([{ action: 'kong.signed-in', actor_name: 'vinh.ho' }]);
  });
});

describe('the protected resource at the gateway', () => {
  const parts = (token: string) => token.split('.') as [string, string, string];
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  let token: string;
  beforeAll(async () => {
    token = await world.token(await world.key('lan.tran'));
  });

  const refused: [string, () => string | undefined, object, string][] = [
    ['no token', () => undefined, { message: 'Unauthorized' }, 'Bearer'],
    ['garbage', () => 'garbage', { message: 'Bad token; invalid JSON' }, 'Bearer error="invalid_token"'],
    [
      'alg none',
      () => `${encoded({ alg: 'none' })}.${parts(token)[1]}.`,
      { message: 'Bad token; invalid alg' },
      'Bearer error="invalid_token"',
    ],
    [
      'another algorithm',
      () => `${encoded({ alg: 'HS512', typ: 'JWT' })}.${parts(token)[1]}.${parts(token)[2]}`,
      { message: 'Invalid algorithm' },
      'Bearer error="invalid_token"',
    ],
    [
      'a changed payload',
      () => `${parts(token)[0]}.${encoded({ ...decodeJwt(token), sub: 'somebody else' })}.${parts(token)[2]}`,
      { message: 'Invalid signature' },
      'Bearer error="invalid_token"',
    ],
    [
      'no signature',
      () => `${parts(token)[0]}.${parts(token)[1]}.`,
      { message: 'Invalid signature' },
      'Bearer error="invalid_token"',
    ],
    [
      'no issuer',
      () => `${parts(token)[0]}.${encoded({ exp: 9_999_999_999 })}.${parts(token)[2]}`,
      { message: "No mandatory 'iss' in claims" },
      'Bearer error="invalid_token"',
    ],
    [
      'an unknown issuer',
      () => `${parts(token)[0]}.${encoded({ ...decodeJwt(token), iss: 'nobody' })}.${parts(token)[2]}`,
      { message: "No credentials found for given 'iss'" },
      'Bearer error="invalid_token"',
    ],
    [
      'an access token of a session',
      () => lan.token,
      { message: "No credentials found for given 'iss'" },
      'Bearer error="invalid_token"',
    ],
  ];

  test.each(refused)('%s is 401', async (_, given, body, challenge) => {
    const answer = await world.info(given());
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 401, body });
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
  });

  test('a token in the query or in a cookie is none', async () => {
    expect(await world.via('GET', `/api/jwt/info?jwt=${token}`)).toMatchObject({
      status: 401,
      body: { message: 'Unauthorized' },
    });
    expect(await world.via('GET', '/api/jwt/info', { headers: { cookie: `jwt=${token}` } })).toMatchObject({
      status: 401,
    });
  });

  test('a token of a key is valid until it expires, to the second', async () => {
    const own = await startKongWorld();
    const issued = await own.token(await own.key());
    own.app.clock.advance(890);
    expect((await own.info(issued)).status).toBe(200);
    own.app.clock.advance(11);
    expect(await own.info(issued)).toMatchObject({ status: 401, body: { exp: 'token expired' } });
    await own.close();
  });

  test("the token is signed with the credential's algorithm, and names key, user and times", async () => {
    const key = await world.key('lan.tran');
    const before = world.app.clock.seconds;
    const { body } = await world.authJwt(key);
    const claims = decodeJwt(body.access_token);
    expect(decodeProtectedHeader(body.access_token)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(claims).toEqual({
      iss: key,
      sub: lan.id,
      iat: expect.any(Number),
      exp: (claims.iat ?? 0) + 900,
      jti: UUID,
      scope: '',
    });
    expect(claims.iat).toBeGreaterThanOrEqual(before);
    expect(claims.iat).toBeLessThanOrEqual(world.app.clock.seconds);
    expect(decodeJwt(await world.token(key)).jti).not.toBe(claims.jti);
  });

  test('a preflight from the configured origin needs no token, and a browser can read a 401, with one set of headers', async () => {
    const preflight = await world.via('OPTIONS', '/api/jwt/info', {
      headers: {
        origin: 'http://localhost:3000',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(200);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,POST,PUT,DELETE,OPTIONS',
      'access-control-allow-headers': 'authorization',
    });
    for (const answer of [
      await world.via('GET', '/api/jwt/info', { headers: { origin: 'http://localhost:3000' } }),
      await world.via('POST', '/auth-jwt', { headers: { origin: 'http://localhost:3000' }, body: { key: 'unknown' } }),
      await world.via('POST', '/auth/auth/token', {
        headers: { origin: 'http://localhost:3000' },
        body: { username: 'x', password: 'y' },
      }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    }
  });
});

describe('the gateway addresses of all three documents', () => {
  const { username, password } = ADMIN;
  const identityLogin = { code: 1000, result: { token: expect.any(String), authenticated: true } };

  test.each(['/auth/auth/token', '/auth/token', '/identity/auth/token'])('003: POST %s logs in', async (path) => {
    expect(await world.via('POST', path, { body: { username, password } })).toMatchObject({
      status: 200,
      body: identityLogin,
    });
  });

  test('003: the token opens /auth/users and /identity/users, and introspect, refresh and logout answer at both paths', async () => {
    const login = async () =>
      (await world.via('POST', '/auth/token', { body: { username, password } })).body.result.token as string;
    const token = await login();
    expect(await world.via('GET', '/auth/users/my-info', { token })).toMatchObject({
      status: 200,
      body: { result: { username } },
    });
    expect(await world.via('GET', '/identity/users/my-info', { token })).toMatchObject({
      status: 200,
      body: { result: { username } },
    });
    for (const prefix of ['/auth', '/auth/auth', '/identity/auth']) {
      const one = await login();
      expect((await world.via('POST', `${prefix}/introspect`, { body: { token: one } })).body).toEqual({
        code: 1000,
        result: { valid: true },
      });
      const { result } = (await world.via('POST', `${prefix}/refresh`, { body: { token: one } })).body;
      expect((await world.via('POST', `${prefix}/logout`, { body: { token: result.token } })).status).toBe(200);
      expect((await world.via('POST', `${prefix}/introspect`, { body: { token: result.token } })).status).toBe(401);
    }
  });

  test('003: errors come through as they are', async () => {
    expect(await world.via('GET', '/auth/users')).toMatchObject({
      status: 401,
      body: { code: 1006, message: 'Unauthenticated' },
    });
    expect(await world.via('GET', '/auth/nothing-here')).toMatchObject({ status: 404, body: { code: 1001 } });
  });

  test('004: profile, refresh and logout answer, and login five times a minute for one client', async () => {
    const { id } = await world.app.user({ username: 'hoa.nguyen', email: 'hoa@example.org' });
    world.app.clock.advance(60 - (world.app.clock.seconds % 60)); // to the beginning of a window
    const login = () =>
      world.via('POST', '/api/auth/login', { body: { email: 'hoa@example.org', password: PASSWORD } });
    const { status, body, headers } = await login();
    expect(status).toBe(200);
    expect(headers.get('ratelimit-limit')).toBe('5');
    const { accessToken, refreshToken } = body;
    expect(await world.via('GET', `/api/users/${id}/profile`, { token: accessToken })).toMatchObject({ status: 200 });
    expect(await world.via('POST', '/api/auth/refresh', { body: { refreshToken } })).toMatchObject({
      status: 200,
      body: { accessToken: expect.any(String) },
    });
    expect((await world.via('POST', '/api/auth/logout', { body: { refreshToken } })).status).toBe(204);
    for (let i = 0; i < 4; i += 1) expect((await login()).status).toBe(200);
    const sixth = await login();
    expect(sixth).toMatchObject({ status: 429, body: { message: 'API rate limit exceeded' } });
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await world.via('POST', '/api/auth/refresh', { body: { refreshToken } })).status).toBe(401);
  });

  test('000: the addresses of its diagram, GraphQL, and nothing that is not listed', async () => {
    expect((await world.via('POST', '/api/public/signin', { body: { username, password } })).status).toBe(200);
    expect((await world.via('POST', '/api/public/auth-jwt', { body: { key: 'unknown' } })).status).toBe(401);
    expect((await world.via('POST', '/graphql', { body: { query: '{ __typename }' } })).body).toEqual({
      data: { __typename: 'Query' },
    });
    for (const path of ['/', '/health/live', '/playground', '/apijwt', '/api/other'])
      expect((await world.via('GET', path)).body).toMatchObject({ message: 'no Route matched with those values' });
  });

  test('no way of writing the path leads around the jwt plugin', async () => {
    for (const path of [
      '/api/public/../jwt/info',
      '/api/public/%2e%2e/jwt/info',
      '/api/public/..%2fjwt/info',
      '/auth/..%2f..%2fapi/jwt/info',
      '/auth-jwt/../api/jwt/info',
      '//api/jwt/info',
      '/api//jwt/info',
      '/API/JWT/INFO',
      '/api/jwt/info/',
      '/api/users/x%2f..%2f..%2fjwt/info',
      '/api/public/%2fapi/jwt/info',
    ]) {
      const headers = { 'x-consumer-id': '00000000-0000-4000-8000-000000000000', 'x-consumer-username': 'admin' };
      const { status } = await world.via('GET', path, { headers });
      expect({ path, refused: status === 401 || status === 404 }).toEqual({ path, refused: true });
    }
  });
});
