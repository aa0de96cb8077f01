import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config';

/**
 * Refuses requests to a development server under a foreign name. Any website can make its own name point to 127.0.0.1
 * (DNS rebinding): CORS does not protect a server there, and its password is well known. The Host header alone decides:
 * a browser sends `Origin: null`, or none, where the page asks for it.
 */
export function guardAgainstDnsRebinding(app: FastifyInstance, { http, kong, production }: Config): void {
  if (production || !isLoopback(http.host)) return;
  const configured = [http.publicUrl, http.gatewayPublicUrl, kong.upstreamUrl, ...http.corsOrigins].map(
    (url) => new URL(url).hostname,
  );
  app.addHook('onRequest', (request, reply, done) => {
    const name = nameIn(request.headers.host ?? ''); // never X-Forwarded-Host, which a page can send too
    if (isLocalName(name) || configured.includes(name)) return done();
    reply.code(421).send({
      code: 'BAD_REQUEST',
      message:
        `This development server answers as localhost, not as ${JSON.stringify(name.slice(0, 100))}; set ` +
        'PUBLIC_URL to the address that people use',
    });
  });
}

/** Without the port, and without the brackets of an IPv6 address. */
const nameIn = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '');

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');
/** No website can make an address, or a name of one label, point elsewhere. */
const isLocalName = (name: string): boolean => !name.includes('.') || name.endsWith('.localhost') || isIP(name) !== 0;
