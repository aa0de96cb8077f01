import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config';

/**
 * Refuses what a page asks of its own origin, where that origin's name is none of a development
 * server's. Its password is known to everybody, and a page of any site can make its own name point
 * at 127.0.0.1 (DNS rebinding), where CORS does not stand in its way. A browser says with every
 * POST which origin asks; without a login there is nothing to GET.
 */
export function guardAgainstDnsRebinding(app: FastifyInstance, { http, kong, production }: Config): void {
  if (production || !isLoopback(http.host)) return;
  const configured = [http.publicUrl, kong.upstreamUrl, ...http.corsOrigins].map((url) => new URL(url).hostname);
  app.addHook('onRequest', (request, reply, done) => {
    const { host = '', origin } = request.headers; // not what a proxy says that it was: a page can say that too
    const name = nameOf(host);
    const isOwnOrigin = origin?.toLowerCase() === `http://${host}`.toLowerCase();
    if (!isOwnOrigin || isLocalName(name) || configured.includes(name)) return done();
    reply.code(421).send({
      code: 'BAD_REQUEST',
      message: `This development server answers as localhost, not as ${JSON.stringify(name.slice(0, 100))}; set PUBLIC_URL to the address that people use`,
    });
  });
}

/** Without the port, and without the brackets of an IPv6 address. */
const nameOf = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '');

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');
/** An address cannot be made to point elsewhere; nor can a name of one label. */
const isLocalName = (name: string): boolean => !name.includes('.') || name.endsWith('.localhost') || isIP(name) !== 0;
