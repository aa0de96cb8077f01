import type { AddressInfo } from 'node:net';
import { type Options, startApp, type TestApp, type TestUser } from '../../support/app';
import { RestChannel } from '../../support/rest';

/** The session contract at both ports of a real server. */
export interface SessionWorld {
  app: TestApp;
  main: RestChannel;
  gateway: RestChannel;
  /** A user with an e-mail address. */
  person(of?: { roles?: string[]; permissions?: string[]; firstName?: string }): Promise<TestUser & { email: string }>;
}

export async function startSessions({ env, ...options }: Options = {}): Promise<SessionWorld> {
  const app = await startApp({ ...options, env: { GATEWAY_PORT: '0', ...env } });
  const { port } = app.app.gatewayHttp!.server.address() as AddressInfo;
  let people = 0;
  return {
    app,
    main: new RestChannel('main port', `${app.origin}/api`),
    gateway: new RestChannel('gateway port', `http://127.0.0.1:${port}/api`),
    person: async (of = {}) => {
      const email = `person${++people}@example.org`;
      return { ...(await app.user({ ...of, email })), email };
    },
  };
}

const REASONS = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
} as const;

/** The whole body of an error of the session contract. */
export const refused = (
  statusCode: keyof typeof REASONS,
  code: string,
  message: string | object,
  errors?: { field: string; message: unknown }[],
) => ({ statusCode, error: REASONS[statusCode], code, message, ...(errors && { errors }) });

export const english = { 'accept-language': 'en-US,en;q=0.9,vi;q=0.5' };
export const A_JWT = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
