import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config';
import { AppError } from '../errors/app-error';
import type { RefreshCookie } from '../graphql/server/context';
import { isOwnOrigin } from './own-origin';

/** Asks for cookie mode. No form can send it, and no page of another origin without a preflight. */
const MODE_HEADER = 'x-refresh-token-mode';
const NAME = 'identity-refresh';

/** Cookie mode: the refresh token of a browser is kept in a cookie that no script can read. */
export class RefreshCookies {
  private readonly origins: ReadonlySet<string>;
  private readonly isHttps: boolean;

  constructor({ corsOrigins, publicUrl }: Pick<Config['http'], 'corsOrigins' | 'publicUrl'>) {
    const { origin, protocol } = new URL(publicUrl);
    this.origins = new Set([...corsOrigins, origin]);
    this.isHttps = protocol === 'https:';
  }

  /**
   * @returns null where the request does not ask for cookie mode
   * @throws AppError BAD_REQUEST for an unknown mode, FORBIDDEN for a page of another origin
   */
  open(request: FastifyRequest, reply: FastifyReply): RefreshCookie | null {
    const mode = request.headers[MODE_HEADER];
    if (mode === undefined) return null;
    if (mode !== 'cookie') throw new AppError('BAD_REQUEST', { detail: 'X-Refresh-Token-Mode takes "cookie"' });
    if (!this.isAllowed(request)) throw new AppError('FORBIDDEN', { needs: 'an origin that CORS_ORIGINS lists' });
    const isSecure = this.isHttps || request.protocol === 'https';
    const name = isSecure ? `__Host-${NAME}` : NAME;
    const write = (value: string, maxAge: number): void => {
      const attributes = `Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
      reply.removeHeader('set-cookie').header('set-cookie', `${name}=${value}; ${attributes}`); // the last one counts
    };
    return {
      token: cookieOf(request.headers.cookie, name),
      set: write,
      clear: () => write('', 0),
    };
  }

  /** Browsers send Origin with every POST, and scripts can set neither it nor Sec-Fetch-Site. */
  private isAllowed({ headers, host }: FastifyRequest): boolean {
    const { origin, 'sec-fetch-site': site } = headers;
    if (origin === undefined) return false;
    return this.origins.has(origin) || (site === undefined ? isOwnOrigin(origin, host) : site === 'same-origin');
  }
}

function cookieOf(header: string | undefined, name: string): string | null {
  const pair = header?.split(/; */).find((text) => text.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) || null;
}
