import { decodeJwt, decodeProtectedHeader } from 'jose';
import { DisableUserDocument, RefreshDocument, UpdateProfileDocument } from '../../../src/rest/generated/operations';
import { PASSWORD } from '../../support/app';
import { NOBODY } from '../../support/minimal-operation';
import { compatToken } from '../../support/tokens';
import { A_JWT, english, refused, type SessionWorld, startSessions } from './support';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessions();
});
afterAll(() => world.app.close());

const WRONG = refused(401, 'INVALID_CREDENTIALS', 'Email hoặc mật khẩu sai');
const WRONG_ENGLISH = refused(401, 'INVALID_CREDENTIALS', 'The e-mail or the password is wrong');
const INVALID_REFRESH = refused(401, 'INVALID_REFRESH_TOKEN', 'Invalid refresh token');

const login = (email: string, password: string = PASSWORD, headers = {}) =>
  world.main.call('POST /auth/login', { body: { email, password }, headers });
const refresh = (refreshToken: string) => world.main.call('POST /auth/refresh', { body: { refreshToken } });
const profile = (id: string, token: string) => world.main.call('GET /users/:id/profile', { params: { id }, token });

describe.each(['main', 'gateway'] as const)('on the %s port', (port) => {
  const call: SessionWorld['main']['call'] = (route, sent) => world[port].call(route, sent);

  test.each([['POST /auth/login'], ['POST /auth/refresh'], ['POST /auth/logout']])(
    'a body of more than a megabyte at %s is answered with 413 in the form of the contract',
    async (route) => {
      const raw = `{"email":"${'x'.repeat(1_100_000)}"}`;
      const tooLarge = [{ field: 'body', message: 'The body is too large' }];
      const answer = await call(route, { raw });
      expect([answer.status, answer.body]).toEqual([
        413,
        refused(413, 'PAYLOAD_TOO_LARGE', 'Yêu cầu quá lớn', tooLarge),
      ]);
      const inEnglish = await call(route, { raw, headers: english });
      expect(inEnglish.body).toEqual(refused(413, 'PAYLOAD_TOO_LARGE', 'The body is too large', tooLarge));
    },
  );

  test('login, a request, refresh, the request again, logout: the whole bodies', async () => {
    const user = await world.person();
    const { status, headers, body } = await call('POST /auth/login', {
      body: { email: user.email, password: PASSWORD },
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        accessToken: A_JWT,
        refreshToken: A_JWT,
        user: { id: user.id, email: user.email, role: 'user', isVerified: false, isActive: true },
        profile: { full_name: null, phone: null, avatar: null },
      },
    });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    const answer = { status: 200, body: { full_name: null, phone: null, avatar: null } };
    const own = { params: { id: user.id } };
    expect(await call('GET /users/:id/profile', { ...own, token: body.accessToken })).toMatchObject(answer);

    world.app.clock.advance(901);
    const late = await call('GET /users/:id/profile', { ...own, token: body.accessToken });
    expect({ status: late.status, body: late.body }).toEqual({
      status: 401,
      body: refused(401, 'TOKEN_EXPIRED', 'Token expired'),
    });
    expect(late.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    const renewed = await call('POST /auth/refresh', {
      body: { refreshToken: body.refreshToken },
      token: body.accessToken,
    });
    expect({ status: renewed.status, body: renewed.body }).toEqual({ status: 200, body: { accessToken: A_JWT } });
    expect(await call('GET /users/:id/profile', { ...own, token: renewed.body.accessToken })).toMatchObject(answer);

    const out = await call('POST /auth/logout', { body: { refreshToken: body.refreshToken } });
    expect({ status: out.status, text: out.text }).toEqual({ status: 204, text: '' });
    expect((await call('POST /auth/logout', { body: { refreshToken: body.refreshToken } })).status).toBe(204);
    const after = await call('POST /auth/refresh', { body: { refreshToken: body.refreshToken } });
    expect({ status: after.status, body: after.body }).toEqual({ status: 401, body: INVALID_REFRESH });
    expect((await call('GET /users/:id/profile', { ...own, token: renewed.body.accessToken })).status).toBe(401);
  });
});

describe('login', () => {
  test('tokens are of their own kinds, with the claims that the document names', async () => {
    const team = await world.app.role(['READ_ROLES']);
    const user = await world.person({ roles: [team] });
    const { body } = await login(user.email.toUpperCase());
    expect(decodeProtectedHeader(body.accessToken)).toEqual({ alg: 'HS512', typ: 'at+jwt' });
    const claims = decodeJwt(body.accessToken);
    expect(claims).toMatchObject({
      sub: user.id,
      user_id: user.id,
      email: user.email,
      role: team,
      scope: `ROLE_${team} READ_ROLES`,
    });
    expect(claims.exp! - claims.iat!).toBe(900);
    expect(decodeProtectedHeader(body.refreshToken)).toEqual({ alg: 'HS512', typ: 'rt+jwt' });
    const refreshClaims = decodeJwt(body.refreshToken);
    expect(refreshClaims.exp! - refreshClaims.iat!).toBe(604_800);
    expect(body.user.role).toBe(team);
  });

  test('the role is the first by precedence, in the body as in the token', async () => {
    const roles = [await world.app.role(), await world.app.role(), await world.app.role()];
    await world.app.sql('update roles set precedence = 5 where name = $1', [roles[1]]);
    const user = await world.person({ roles });
    const { body } = await login(user.email);
    expect([body.user.role, decodeJwt(body.accessToken).role]).toEqual([roles[1], roles[1]]);
  });

  test('the profile is the one that its owner keeps', async () => {
    const user = await world.person();
    const input = { fullName: 'Nguyễn Văn A', phone: '0123456789', avatar: 'https://example.org/a.png' };
    await world.app.data(UpdateProfileDocument, { input }, user.token);
    expect((await login(user.email)).body.profile).toEqual({
      full_name: 'Nguyễn Văn A',
      phone: '0123456789',
      avatar: 'https://example.org/a.png',
    });
  });

  test('is by e-mail address alone: a user name is unknown', async () => {
    const user = await world.person();
    expect(await login(user.username)).toMatchObject({ status: 401, body: WRONG });
  });

  test.each([
    ['an unknown address', 'nowhere@example.org', PASSWORD],
    ['a wrong password', null, 'wrong'],
    ['no password', null, ''],
    ['no address', '', PASSWORD],
    ['an address with a NUL', 'no\0where@example.org', PASSWORD],
  ])('%s: one refusal, Vietnamese, or English for who asks for it', async (_what, email, password) => {
    const address = email ?? (await world.person()).email;
    const vietnamese = await login(address, password);
    expect({ status: vietnamese.status, body: vietnamese.body }).toEqual({ status: 401, body: WRONG });
    const inEnglish = await login(address, password, english);
    expect({ status: inEnglish.status, body: inEnglish.body }).toEqual({ status: 401, body: WRONG_ENGLISH });
  });

  test('a disabled account is named as such for the right password alone', async () => {
    const user = await world.person();
    await world.app.data(DisableUserDocument, { input: { id: user.id } }, await world.app.admin());
    expect(await login(user.email)).toMatchObject({
      status: 403,
      body: refused(403, 'ACCOUNT_DISABLED', 'Tài khoản đã bị khóa'),
    });
    expect((await login(user.email, PASSWORD, english)).body).toEqual(
      refused(403, 'ACCOUNT_DISABLED', 'The account is locked'),
    );
    expect(await login(user.email, 'wrong')).toMatchObject({ status: 401, body: WRONG });
  });

  test('an expired, revoked or foreign token in the header does not prevent it', async () => {
    const user = await world.person();
    for (const token of ['garbage', user.token.slice(0, -5), user.tokens.refreshToken]) {
      const body = { email: user.email, password: PASSWORD };
      expect((await world.main.call('POST /auth/login', { body, token })).status).toBe(200);
    }
  });

  test.each([
    ['malformed JSON', { raw: '{"email": ' }, 400],
    ['a list', { raw: '[]' }, 400],
    ['no body', {}, 400],
    ['no password', { body: { email: 'a@example.org' } }, 400],
    ['a number for the password', { body: { email: 'a@example.org', password: 5 } }, 400],
  ])('%s is refused in the form of this contract', async (_what, sent, status) => {
    const answer = await world.main.call('POST /auth/login', sent);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      statusCode: status,
      error: 'Bad Request',
      code: expect.any(String),
      message: expect.any(String),
    });
    expect(answer.text).not.toContain('at position'); // a parser's words repeat what was sent
  });

  test('unknown members are ignored, and JSON is read from text/plain as well', async () => {
    const user = await world.person();
    const body = { email: user.email, password: PASSWORD, remember: true, role: 'ADMIN' };
    expect((await world.main.call('POST /auth/login', { body })).body.user.role).toBe('user');
    const plain = await world.main.call('POST /auth/login', {
      raw: JSON.stringify(body),
      headers: { 'content-type': 'text/plain' },
    });
    expect(plain.status).toBe(200);
  });
});

describe('refresh', () => {
  test('leaves the client its refresh token for seven days from the login, and not a moment longer', async () => {
    const user = await world.person();
    const { body } = await login(user.email);
    for (let day = 0; day < 6; day++) {
      world.app.clock.advance(86_400);
      const { status, body: renewed } = await refresh(body.refreshToken);
      expect({ status, renewed }).toEqual({ status: 200, renewed: { accessToken: A_JWT } });
      expect((await profile(user.id, renewed.accessToken)).status).toBe(200);
    }
    world.app.clock.advance(86_401);
    expect(await refresh(body.refreshToken)).toMatchObject({ status: 401, body: INVALID_REFRESH });
    expect(
      await world.app.sql('select count(*)::int as n from refresh_tokens where session_id = $1', [
        decodeJwt(body.refreshToken).sid,
      ]),
    ).toEqual([{ n: 1 }]);
  });

  test.each([
    ['garbage', () => 'garbage'],
    ['nothing', () => ''],
    ['an access token', ({ accessToken }: { accessToken: string }) => accessToken],
    ['half a token', ({ refreshToken }: { refreshToken: string }) => refreshToken.slice(0, 100)],
  ])('%s is no refresh token', async (_what, choose) => {
    const { body } = await login((await world.person()).email);
    expect(await refresh(choose(body))).toMatchObject({ status: 401, body: INVALID_REFRESH });
  });

  test('without a body it is the refresh token that is invalid', async () => {
    expect(await world.main.call('POST /auth/refresh', { body: {} })).toMatchObject({
      status: 401,
      body: INVALID_REFRESH,
    });
  });

  test('a token that was rotated on another channel is invalid here, and its replay ends the session', async () => {
    const user = await world.person();
    const { body } = await login(user.email);
    const rotated = (await world.app.data(RefreshDocument, { input: { refreshToken: body.refreshToken } })).refresh!
      .tokens;
    world.app.clock.advance(60);
    expect(await refresh(body.refreshToken)).toMatchObject({ status: 401, body: INVALID_REFRESH });
    expect(await refresh(rotated.refreshToken!)).toMatchObject({ status: 401, body: INVALID_REFRESH });
    expect((await profile(user.id, rotated.accessToken)).status).toBe(401);
  });

  test('a refresh token of GraphQL, which rotates, is not extended here', async () => {
    const { tokens } = await world.person();
    expect(await refresh(tokens.refreshToken)).toMatchObject({ status: 401, body: INVALID_REFRESH });
    expect(await world.app.outcome(RefreshDocument, { input: { refreshToken: tokens.refreshToken } })).toBe('ok');
  });
});

describe('logout', () => {
  test.each([
    ['garbage', { refreshToken: 'garbage' }],
    ['nothing', { refreshToken: '' }],
    ['no member', {}],
  ])('succeeds for %s', async (_what, body) => {
    const answer = await world.main.call('POST /auth/logout', { body });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
  });

  test('ends the session of the token, not the others of the user', async () => {
    const user = await world.person();
    const [one, other] = [(await login(user.email)).body, (await login(user.email)).body];
    await world.main.call('POST /auth/logout', { body: { refreshToken: one.refreshToken } });
    expect([(await refresh(one.refreshToken)).status, (await refresh(other.refreshToken)).status]).toEqual([401, 200]);
  });
});

describe('GET /users/:id/profile', () => {
  test('is for oneself and for administrators', async () => {
    const [user, stranger] = [await world.person(), await world.person()];
    const shown = { full_name: null, phone: null, avatar: null };
    expect(await profile(user.id, user.token)).toMatchObject({ status: 200, body: shown });
    expect(await profile(user.id, await world.app.admin())).toMatchObject({ status: 200, body: shown });
    const denied = await profile(user.id, stranger.token);
    expect({ status: denied.status, body: denied.body }).toEqual({
      status: 403,
      body: refused(403, 'FORBIDDEN', 'Không có quyền truy cập'),
    });
  });

  test('of an unknown id is 404 for an administrator, in either language', async () => {
    for (const id of [NOBODY, 'no-id']) {
      const answer = await profile(id, await world.app.admin());
      expect({ status: answer.status, body: answer.body }).toEqual({
        status: 404,
        body: refused(404, 'USER_NOT_FOUND', 'Không tìm thấy người dùng'),
      });
    }
    const params = { id: NOBODY };
    const answer = await world.main.call('GET /users/:id/profile', {
      params,
      token: await world.app.admin(),
      headers: english,
    });
    expect(answer.body).toEqual(refused(404, 'USER_NOT_FOUND', 'No such user'));
  });

  test.each([
    ['no token', () => undefined],
    ['garbage', () => 'garbage'],
    ['a refresh token', ({ refreshToken }: { refreshToken: string }) => refreshToken],
  ])('%s is 401', async (_what, choose) => {
    const user = await world.person();
    const token = choose(user.tokens);
    const answer = await world.main.call('GET /users/:id/profile', {
      params: { id: user.id },
      ...(token && { token }),
    });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 401,
      body: refused(401, 'UNAUTHENTICATED', 'Unauthorized'),
    });
    expect(answer.headers.get('www-authenticate')).toMatch(
      token ? /^Bearer .*error="invalid_token"/ : /^Bearer realm="[^"]*"$/,
    );
  });

  test('is read with a compat token too', async () => {
    const user = await world.person();
    const token = await compatToken({ subject: user.username, userId: user.id, issuedAt: world.app.clock.seconds });
    expect((await profile(user.id, token)).status).toBe(200);
  });
});
