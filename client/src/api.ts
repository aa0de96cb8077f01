import { IdentityError } from './identity-error.js';
import type { SessionOptions, SessionUser } from './types.js';

/** What a tab holds while its user is signed in; times in milliseconds since 1970. */
export interface Grant {
  readonly accessToken: string;
  readonly receivedAt: number;
  /** From here on it is replaced, and from `usableUntil` on not sent any more. */
  readonly renewAt: number;
  readonly usableUntil: number;
  readonly scopes: readonly string[];
  readonly user: SessionUser;
}

interface Tokens {
  accessToken: string;
  expiresIn: number;
  scope: string;
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
}

const TOKENS = 'tokens { accessToken expiresIn scope }';
const USER = 'id username email firstName lastName';
const LOGIN = `mutation Login($input: LoginInput!) { login(input: $input) { ${TOKENS} user { ${USER} } } }`;
const REFRESH = `mutation Refresh { refresh { ${TOKENS} } }`;
const LOGOUT = 'mutation Logout { logout { ok } }';
const ME = `query Me { me { ${USER} } }`;

/** Asks the server to keep the refresh token in a cookie that no script reads. */
const COOKIE_MODE = { 'x-refresh-token-mode': 'cookie' };

const TIMEOUT_MS = 30_000;

/** The operations that the session itself needs. */
export class IdentityApi {
  constructor(private readonly options: SessionOptions) {}

  async login(input: { username: string; password: string }): Promise<Grant> {
    const { login } = await this.run<{ login: { tokens: Tokens; user: SessionUser } }>(LOGIN, COOKIE_MODE, { input });
    return toGrant(login.tokens, login.user);
  }

  /** @param knownUser kept when the server cannot name the user just now */
  async refresh(knownUser: SessionUser | undefined): Promise<Grant> {
    const { refresh } = await this.run<{ refresh: { tokens: Tokens } }>(REFRESH, COOKIE_MODE);
    const user = await this.me(refresh.tokens.accessToken).catch((error: unknown) => {
      if (knownUser && isTemporary(error)) return knownUser;
      throw error;
    });
    return toGrant(refresh.tokens, user);
  }

  async me(accessToken: string): Promise<SessionUser> {
    return (await this.run<{ me: SessionUser }>(ME, { authorization: `Bearer ${accessToken}` })).me;
  }

  async logout(): Promise<void> {
    await this.run(LOGOUT, COOKIE_MODE);
  }

  /** @throws IdentityError when the server refuses; another error when it cannot be reached */
  private async run<Data>(query: string, headers: Record<string, string>, variables?: object): Promise<Data> {
    const signal = AbortSignal.timeout(TIMEOUT_MS); // other tabs wait for this one
    const response = await this.send('', { ...headers, accept: 'application/json' }, { query, variables }, signal);
    return dataOf((await response.json()) as Answer) as Data;
  }

  send(path: string, headers: Record<string, string>, body: object, signal?: AbortSignal): Promise<Response> {
    const { url, headers: own, fetch: send = fetch } = this.options;
    return send(url + path, {
      method: 'POST',
      credentials: 'include',
      headers: { ...own, ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  }
}

/** @throws IdentityError */
export function dataOf({ data, errors }: Answer): Record<string, unknown> {
  const [error] = errors ?? [];
  if (error) {
    const { code, ...extensions } = error.extensions ?? {};
    throw new IdentityError(error.message, String(code), extensions);
  }
  if (!data) throw new Error('The server did not answer with GraphQL');
  return data;
}

const TEMPORARY = ['SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'];

/** Whether the same request may succeed later. */
export const isTemporary = (error: unknown): boolean =>
  !(error instanceof IdentityError) || TEMPORARY.includes(error.code);

function toGrant({ accessToken, expiresIn, scope }: Tokens, user: SessionUser): Grant {
  const receivedAt = Date.now();
  const lifetime = expiresIn * 1000;
  const expiresAt = receivedAt + lifetime;
  return {
    accessToken,
    receivedAt,
    renewAt: expiresAt - Math.min(60_000, lifetime / 3),
    usableUntil: expiresAt - Math.min(5_000, lifetime / 10),
    scopes: scope.split(' ').filter(Boolean),
    user,
  };
}
