import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import jwt from 'jsonwebtoken';
import { DisableUserDocument } from '../../src/rest/generated/operations';
import { ADMIN, type Options, PASSWORD, SIGNER_KEY, startApp, type TestApp } from './app';
import { eventually } from './eventually';

/** What goes into one request, beside its route. */
export interface Sent {
  /** Values for `:name` in the path. */
  params?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array<ArrayBuffer>;
  token?: string | undefined;
  headers?: Record<string, string>;
}

/** What a test reads out of an answer. */
// biome-ignore lint/suspicious/noExplicitAny: its form is what the tests assert
export type Loose = any;

export interface RestAnswer {
  status: number;
  headers: Headers;
  text: string;
  body: Loose;
}

/** One of the addresses of a contract. */
export class RestChannel {
  constructor(
    readonly name: string,
    readonly base: string,
  ) {}

  /** @param route verb and path of the contract, such as `GET /users/:userId` */
  async call(route: string, { params = {}, body, raw, token, headers }: Sent = {}): Promise<RestAnswer> {
    const [method = '', path = ''] = route.split(' ');
    const response = await fetch(this.base + path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? ''), {
      method,
      headers: {
        ...(body !== undefined || raw !== undefined ? { 'content-type': 'application/json' } : {}),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(raw !== undefined ? { body: raw } : body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Member {
  id: string;
  username: string;
  password: string;
  email: string;
  /** Compat token. */
  token: string;
}

/** The identity contract at both ports of a real server, with people in it. */
export class RestWorld {
  private administrator: Promise<string> | undefined;
  private counted = 0;

  constructor(
    readonly app: TestApp,
    readonly main: RestChannel,
    readonly gateway: RestChannel,
  ) {}

  get channels(): RestChannel[] {
    return [this.main, this.gateway];
  }

  /** A name that no account has. */
  unique(prefix = 'name'): string {
    return `${prefix}${++this.counted}x`;
  }

  /** @throws Error when the login is refused */
  async login(username: string, password = PASSWORD): Promise<string> {
    const { body } = await this.main.call('POST /auth/token', { body: { username, password } });
    if (body.code !== 1000) throw new Error(`login of ${username}: ${JSON.stringify(body)}`);
    return body.result.token;
  }

  /** Compat token of the administrator, one for the whole file. */
  admin(): Promise<string> {
    this.administrator ??= this.login(ADMIN.username, ADMIN.password);
    return this.administrator;
  }

  /** A new user with a compat token. */
  async member(of: { roles?: string[]; permissions?: string[] } = {}): Promise<Member> {
    const username = this.unique('member');
    const email = `${username}@example.org`;
    const { id } = await this.app.user({ ...of, username, email });
    return { id, username, password: PASSWORD, email, token: await this.login(username) };
  }

  /** The code of the last mail to an address, which is written in the background. */
  async codeFor(email: string): Promise<string> {
    const folder = path.join(this.app.config.dataDir, 'mail');
    return eventually(`a mail to ${email}`, () => {
      const files = fs.existsSync(folder) ? fs.readdirSync(folder).sort().reverse() : [];
      for (const file of files) {
        const mail = fs.readFileSync(path.join(folder, file), 'utf8');
        if (mail.includes(`To: ${email}`)) return /\b(\d{6})\b/.exec(mail.slice(mail.indexOf('\r\n\r\n')))![1]!;
      }
      return undefined;
    });
  }

  async disable({ id }: Member): Promise<void> {
    await this.app.data(DisableUserDocument, { input: { id } }, await this.app.admin());
  }

  /** A token like a real one, with other claims: null takes one out. */
  like(
    token: string,
    claims: Record<string, unknown>,
    { key = SIGNER_KEY, algorithm = 'HS512' as jwt.Algorithm } = {},
  ): string {
    const payload = { ...(jwt.decode(token) as jwt.JwtPayload), ...claims };
    for (const [name, value] of Object.entries(claims)) if (value === null) delete payload[name];
    // the library adds `typ`, which the contract's header does not have
    return jwt.sign(payload, Buffer.from(key, 'utf8'), {
      algorithm,
      noTimestamp: payload.iat === undefined,
      header: { alg: algorithm, typ: undefined },
    });
  }

  /** A token whose time was over `seconds` ago. */
  expired(token: string, seconds = 60): string {
    const now = this.app.clock.seconds;
    return this.like(token, { iat: now - seconds - 3600, exp: now - seconds });
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

/** The server with its gateway port open. */
export async function startRest(options: Options = {}): Promise<RestWorld> {
  const app = await startApp({ ...options, env: { GATEWAY_PORT: '0', ...options.env } });
  const { port } = app.app.gatewayHttp!.server.address() as AddressInfo;
  return new RestWorld(
    app,
    new RestChannel('main port', `${app.origin}/identity`),
    new RestChannel('gateway port', `http://127.0.0.1:${port}/auth`),
  );
}

/** The whole body of a success. */
export const ok = (result: unknown, message?: string) => ({
  code: 1000,
  ...(message !== undefined && { message }),
  result,
});

/** The whole body of an error of the identity contract. */
export const failed = (code: number, message: string, errors?: { field: string; message: string }[]) => ({
  code,
  message,
  ...(errors && { errors }),
});

export const unauthenticated = failed(1006, 'Unauthenticated');
export const forbidden = failed(1007, 'You do not have permission');
export const userNotExisted = failed(1005, 'User not existed');
export const userExisted = failed(1002, 'User existed');
/** Code 1001 with what it is about. */
export const uncategorized = (field: string, message: string) =>
  failed(1001, 'Uncategorized error', [{ field, message }]);

/** A token in the contract's form: the document prints its first part. */
export const A_TOKEN = expect.stringMatching(/^eyJhbGciOiJIUzUxMiJ9\.[\w-]+\.[\w-]{86}$/);
export const AN_ID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** The whole user, with what is not given empty. */
export const userJson = (of: Record<string, unknown>) => ({
  id: AN_ID,
  firstName: null,
  lastName: null,
  dob: null,
  email: null,
  phone: null,
  roles: [],
  ...of,
});
