import { kongSetup } from '../../../src/cli/kong-setup';
import { KongSignInDocument, KongTokenDocument } from '../../../src/rest/generated/operations';
import { ADMIN, type Options, PASSWORD, startApp, type TestApp } from '../../support/app';
import { MovableClock } from '../../support/clock';
import { type FakeKong, startFakeKong } from './fake-kong';

export const KONG_SECRET = 'what-the-gateway-adds-in-tests-0123456789';
/** How long `eventually` waits. */
const PATIENCE_MS = Number(process.env.TEST_PATIENCE_MS ?? 120_000);
/** Of KONG_TIMEOUT in tests, in milliseconds. */
const TIMEOUT_MS = 5000;

export interface ChannelResponse {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed, or undefined where the text is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: its form is what the tests assert
  body: any;
}

export interface Sending {
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
}

/** One request with a body in JSON. */
export async function send(
  url: string,
  method = 'GET',
  { body, token, headers }: Sending = {},
): Promise<ChannelResponse> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, headers: response.headers, text, body: parsed };
}

interface CredentialRow {
  key: string;
  user_id: string;
  kong_id: string | null;
  expires_at: Date;
  revoked_at: Date | null;
  tries: number;
}

/**
 * The real server behind the test gateway, which kong:setup has configured: what a stock Kong would
 * be in front of it.
 */
export class KongWorld {
  constructor(
    readonly gateway: FakeKong,
    readonly app: TestApp,
  ) {}

  /** A request that comes through the gateway. */
  via(method: string, path: string, sending?: Sending): Promise<ChannelResponse> {
    return send(this.gateway.proxyUrl + path, method, sending);
  }

  /** A request that goes past the gateway. */
  direct(method: string, path: string, sending?: Sending): Promise<ChannelResponse> {
    return send(this.app.origin + path, method, sending);
  }

  admin(method: string, path: string, body?: unknown): Promise<ChannelResponse> {
    return send(this.gateway.adminUrl + path, method, { body });
  }

  /** Phase 1, as the document draws it: at the server itself. */
  signIn(
    username: string = ADMIN.username,
    password: string = username === ADMIN.username ? ADMIN.password : PASSWORD,
  ): Promise<ChannelResponse> {
    return this.direct('POST', '/api/public/signin', { body: { username, password } });
  }

  /** The key of a sign-in that has to succeed. */
  async key(username?: string, password?: string): Promise<string> {
    const { status, text, body } = await this.signIn(username, password);
    if (status !== 200) throw new Error(`sign-in: ${status} ${text}`);
    return body.jwt_issuer_key;
  }

  /** Phase 2: at the gateway. */
  authJwt(key: unknown): Promise<ChannelResponse> {
    return this.via('POST', '/auth-jwt', { body: { key } });
  }

  /** A token that has to be given. */
  async token(key: string): Promise<string> {
    const { status, text, body } = await this.authJwt(key);
    if (status !== 200) throw new Error(`auth-jwt: ${status} ${text}`);
    return body.access_token;
  }

  /** Phase 3. */
  info(token?: string): Promise<ChannelResponse> {
    return this.via('GET', '/api/jwt/info', token === undefined ? {} : { token });
  }

  graphqlSignIn(username: string, password = PASSWORD) {
    return this.app.gql(KongSignInDocument, { input: { username, password } });
  }

  graphqlToken(key: string) {
    return this.app.gql(KongTokenDocument, { input: { key } });
  }

  /** Keys of the credentials that Kong holds for a consumer; null without the consumer. */
  async keysInKong(consumer: string): Promise<string[] | null> {
    const { status, body } = await this.admin('GET', `/consumers/${encodeURIComponent(consumer)}/jwt?size=1000`);
    return status === 200 ? body.data.map(({ key }: { key: string }) => key).sort() : null;
  }

  /** What the server knows of a user's credentials. */
  rows(userId: string): Promise<CredentialRow[]> {
    return this.app.sql<CredentialRow>(
      `select c.*, j.tries from kong_credentials c join jobs j on j.key = 'kong.delete-credential:' || c.key
       where user_id = $1 order by c.created_at, c.key`,
      [userId],
    );
  }

  /** All credentials in Kong, of every consumer. */
  async allKeysInKong(): Promise<string[]> {
    const { body } = await this.admin('GET', '/jwts?size=1000');
    return body.data.map(({ key }: { key: string }) => key).sort();
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.gateway.stop();
  }
}

/** Makes what kong:setup makes. @throws Error with what it says is wrong */
export async function setUp(
  gateway: FakeKong,
  upstreamUrl: string,
  sharedSecret: string | undefined = KONG_SECRET,
): Promise<void> {
  const lines: string[] = [];
  const options = {
    adminUrl: gateway.adminUrl,
    timeoutMs: 5000,
    upstreamUrl,
    corsOrigins: ['http://localhost:3000'],
    loginRateLimit: 5,
  };
  const exitCode = await kongSetup({ ...options, sharedSecret }, (line) => lines.push(line));
  if (exitCode !== 0) throw new Error(lines.join('\n'));
}

/** What makes a server one that stands behind this gateway. */
export const behind = (gateway: FakeKong): Record<string, string> => ({
  KONG_ADMIN_URL: gateway.adminUrl,
  KONG_SHARED_SECRET: KONG_SECRET,
  KONG_TIMEOUT: String(TIMEOUT_MS),
  TRUST_PROXY: 'loopback',
});

const started: FakeKong[] = [];
// those of tests that have failed in the middle: what still listens would outlive the file
afterAll(() => Promise.all(started.map((gateway) => gateway.stop())));

export async function startKongWorld({
  env,
  clock = new MovableClock(),
  ...options
}: Options = {}): Promise<KongWorld> {
  const gateway = await startFakeKong({ clock });
  started.push(gateway);
  const app = await startApp({ ...options, clock, env: { ...behind(gateway), ...env } });
  await setUp(gateway, app.origin);
  return new KongWorld(gateway, app);
}

/** Waits until what `look` finds is as wanted. @throws Error with the last that it found when it hangs */
export async function eventually<T>(look: () => Promise<T>, is: (found: T) => boolean, ms = PATIENCE_MS): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (is(found)) return found;
    if (Date.now() > until) throw new Error(`after ${ms} ms it still was ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
