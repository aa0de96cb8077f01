import { decodeJwt } from 'jose';
import { MeDocument, RevokeAllSessionsDocument } from '../../src/rest/generated/operations';
import { ADMIN, PASSWORD, startApp, type TestApp } from '../support/app';
import type { GraphqlAnswer } from '../support/graphql-client';

const PAGE = 'https://app.example.com';
const ASKED = { 'x-refresh-token-mode': 'cookie', origin: PAGE };
const TOKENS = '{ tokens { accessToken refreshToken refreshExpiresIn sessionId } }';
const LOGIN = `mutation($input: LoginInput!) { login(input: $input) ${TOKENS} }`;
const REFRESH = `mutation { refresh ${TOKENS} }`;
const LOGOUT = 'mutation { logout { ok } }';
const CLEARED = 'identity-refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict';
const REFUSED = { message: expect.stringContaining('CORS_ORIGINS'), extensions: { code: 'FORBIDDEN' } };

interface Held {
  accessToken: string;
  refreshToken: string | null;
  refreshExpiresIn: number;
  sessionId: string;
}

/** A browser as far as cookie mode is concerned: it keeps one cookie. */
class Jar {
  cookie = '';
  constructor(readonly server: TestApp) {}

  async send(query: string, headers: Record<string, string> = ASKED, input?: object): Promise<GraphqlAnswer<never>> {
    const sent = { ...headers, ...(this.cookie && { cookie: `theme=dark; ${this.cookie}` }) };
    const answer = await this.server.post({ query, ...(input && { variables: { input } }) }, sent);
    const [set] = answer.headers.getSetCookie();
    if (set) this.cookie = /Max-Age=0/.test(set) ? '' : set.split(';')[0]!;
    return answer as GraphqlAnswer<never>;
  }

  async login(username: string, password = PASSWORD): Promise<Held> {
    const { body } = await this.send(LOGIN, ASKED, { username, password });
    return (body.data as unknown as { login: { tokens: Held } }).login.tokens;
  }

  async refresh(headers = ASKED): Promise<Held | string> {
    const { body } = await this.send(REFRESH, headers);
    const { refresh } = (body.data ?? {}) as unknown as { refresh: { tokens: Held } | null };
    return refresh?.tokens ?? (body.errors![0]!.extensions!.code as string);
  }
}

let app: TestApp;
let jar: Jar;
beforeAll(async () => {
  app = await startApp({ env: { CORS_ORIGINS: PAGE } });
});
afterAll(() => app.close());
beforeEach(() => {
  jar = new Jar(app);
});

const isLive = async (token: string) => (await app.outcome(MeDocument, {}, token)) === 'ok';
const held = (tokens: Held | string) => {
  if (typeof tokens === 'string') throw new Error(tokens);
  return tokens;
};

describe('a page that asks for cookie mode', () => {
  test('gets its refresh token in a cookie that no script reads, and not in the answer', async () => {
    const answer = await jar.send(LOGIN, ASKED, ADMIN);
    const [set, ...others] = answer.headers.getSetCookie();
    expect(set).toMatch(/^identity-refresh=eyJ[\w.-]+; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/);
    expect(others).toEqual([]);
    const { tokens } = (answer.body.data as unknown as { login: { tokens: Held } }).login;
    expect(tokens).toMatchObject({ refreshToken: null, refreshExpiresIn: 604800 });
    expect(JSON.stringify(answer.body)).not.toContain(jar.cookie.split('=')[1]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  });

  test('refreshes without an argument, and the cookie holds the successor', async () => {
    const { username } = await app.user();
    const first = await jar.login(username);
    const before = jar.cookie;
    const next = held(await jar.refresh());
    expect(next).toMatchObject({ refreshToken: null, sessionId: first.sessionId });
    expect(await isLive(next.accessToken)).toBe(true);
    expect(jar.cookie).not.toBe(before);
    expect(held(await jar.refresh()).sessionId).toBe(first.sessionId);
  });

  test('two tabs that refresh at once get tokens of one session, and the cookie goes on working', async () => {
    const { username } = await app.user();
    const { sessionId } = await jar.login(username);
    const other = new Jar(app);
    other.cookie = jar.cookie;
    const both = await Promise.all([jar.refresh(), other.refresh()]);
    expect(both.map((tokens) => held(tokens).sessionId)).toEqual([sessionId, sessionId]);
    expect(other.cookie).toBe(jar.cookie);
    expect(held(await jar.refresh()).sessionId).toBe(sessionId);
  });

  test('reuse after the grace ends the session and clears the cookie', async () => {
    const { username } = await app.user();
    await jar.login(username);
    const used = jar.cookie;
    const { accessToken } = held(await jar.refresh());
    app.clock.advance(11);
    const thief = new Jar(app);
    thief.cookie = used;
    const answer = await thief.send(REFRESH);
    expect(answer.body.errors![0]!.extensions).toEqual({ code: 'INVALID_REFRESH_TOKEN' });
    expect(answer.headers.getSetCookie()).toEqual([CLEARED]);
    expect(await isLive(accessToken)).toBe(false);
  });

  test('a refresh of a revoked session clears the cookie', async () => {
    const { username } = await app.user();
    const { accessToken } = await jar.login(username);
    await app.data(RevokeAllSessionsDocument, { input: {} }, accessToken);
    expect(await jar.refresh()).toBe('INVALID_REFRESH_TOKEN');
    expect(jar.cookie).toBe('');
  });

  test('logs out without an argument: the session ends, and the cookie goes', async () => {
    const { username } = await app.user();
    const { accessToken } = await jar.login(username);
    const cookie = jar.cookie;
    const answer = await jar.send(LOGOUT);
    expect(answer.body).toEqual({ data: { logout: { ok: true } } });
    expect(answer.headers.getSetCookie()).toEqual([CLEARED]);
    expect(await isLive(accessToken)).toBe(false);
    jar.cookie = cookie;
    expect(await jar.refresh()).toBe('INVALID_REFRESH_TOKEN');
  });

  test('logs out again without a cookie', async () => {
    expect((await jar.send(LOGOUT)).body).toEqual({ data: { logout: { ok: true } } });
    expect(await jar.refresh()).toBe('INVALID_REFRESH_TOKEN');
  });

  test('a further login ends the session of the cookie that it replaces', async () => {
    const [{ username }, second] = [await app.user(), await app.user()];
    const { accessToken } = await jar.login(username);
    const next = await jar.login(second.username);
    expect(decodeJwt(next.accessToken).sub).toBe(second.id);
    expect(await isLive(accessToken)).toBe(false);
  });

  test('a failed login leaves the session that is there', async () => {
    const { username } = await app.user();
    const { accessToken } = await jar.login(username);
    const cookie = jar.cookie;
    const answer = await jar.send(LOGIN, ASKED, { username, password: 'wrong password' });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(jar.cookie).toBe(cookie);
    expect(await isLive(accessToken)).toBe(true);
  });

  test('moves a refresh token that it kept itself into the cookie', async () => {
    const { tokens } = await app.user();
    const query = `mutation($input: RefreshInput) { refresh(input: $input) ${TOKENS} }`;
    const { body } = await jar.send(query, ASKED, { refreshToken: tokens.refreshToken });
    expect(body).toMatchObject({ data: { refresh: { tokens: { refreshToken: null } } } });
    expect(held(await jar.refresh()).sessionId).toBe(tokens.sessionId);
  });
});

describe('the cookie of a user', () => {
  beforeEach(async () => {
    await jar.login(ADMIN.username, ADMIN.password);
  });

  test.each([
    ['a page of another origin', { ...ASKED, origin: 'https://evil.example.net' }],
    ['a sandboxed frame', { ...ASKED, origin: 'null' }],
    ['a request without Origin', { 'x-refresh-token-mode': 'cookie' }],
    ['another host of the same site', { ...ASKED, origin: 'https://blog.example.com', 'sec-fetch-site': 'same-site' }],
  ])('is of no use to %s', async (_who, headers) => {
    const { cookie } = jar;
    for (const query of [REFRESH, LOGOUT]) {
      const { status, body, headers: answered } = await jar.send(query, headers);
      expect({ status, body, cookies: answered.getSetCookie() }).toEqual({
        status: 403,
        body: { errors: [REFUSED] },
        cookies: [],
      });
    }
    expect(jar.cookie).toBe(cookie);
    held(await jar.refresh());
  });

  test('counts for nothing in a request that does not ask for cookie mode', async () => {
    for (const query of [REFRESH, LOGOUT]) {
      const { body, headers } = await jar.send(query, { origin: PAGE });
      expect(body.errors![0]!.extensions).toEqual({ code: 'BAD_USER_INPUT' });
      expect(headers.getSetCookie()).toEqual([]);
    }
    held(await jar.refresh());
  });

  test.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])(
    'is of no use to a form of type %s',
    async (type) => {
      const response = await fetch(app.url, {
        method: 'POST',
        headers: { 'content-type': type, origin: 'https://evil.example.net', cookie: jar.cookie },
        body: JSON.stringify({ query: LOGOUT }),
      });
      expect([400, 415]).toContain(response.status);
      expect(response.headers.getSetCookie()).toEqual([]);
      held(await jar.refresh());
    },
  );

  test('is no access token', async () => {
    const { body } = await jar.send('{ me { username } }');
    expect(body.errors![0]!.extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'missing' });
  });
});

test('the page of the server itself is allowed, whatever name it is called by', async () => {
  for (const headers of [
    { ...ASKED, origin: app.origin },
    { ...ASKED, origin: 'http://localhost:5173', 'sec-fetch-site': 'same-origin' },
  ])
    expect((await jar.send(LOGIN, headers, ADMIN)).body.errors).toBeUndefined();
});

test('another mode than cookie is refused', async () => {
  const { status, body } = await jar.send(LOGIN, { ...ASKED, 'x-refresh-token-mode': 'session' }, ADMIN);
  expect([status, body.errors![0]!.extensions]).toEqual([400, { code: 'BAD_REQUEST' }]);
});

test('without the header a login answers with the refresh token and sets no cookie', async () => {
  const { body, headers } = await jar.send(LOGIN, { origin: PAGE }, ADMIN);
  expect(body).toMatchObject({ data: { login: { tokens: { refreshToken: expect.any(String) } } } });
  expect(headers.getSetCookie()).toEqual([]);
});

test('where https is used the cookie is bound to its host, and no cookie of a plain page replaces it', async () => {
  const behindProxy = await startApp({ env: { CORS_ORIGINS: PAGE, TRUST_PROXY: 'loopback' } });
  const secure = new Jar(behindProxy);
  const https = { ...ASKED, 'x-forwarded-proto': 'https' };
  const answer = await secure.send(LOGIN, https, ADMIN);
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-identity-refresh=eyJ[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
    ),
  ]);
  held(await secure.refresh(https));
  secure.cookie = secure.cookie.replace('__Host-', '');
  expect(await secure.refresh(https)).toBe('INVALID_REFRESH_TOKEN');
  await behindProxy.close();
});

test('X-Forwarded-Proto of a client that is no trusted proxy changes nothing', async () => {
  const answer = await jar.send(LOGIN, { ...ASKED, 'x-forwarded-proto': 'https' }, ADMIN);
  expect(answer.headers.getSetCookie()[0]).toMatch(/^identity-refresh=/);
});
