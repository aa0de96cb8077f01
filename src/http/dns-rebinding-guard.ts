import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config';
import { isLocalName, isLoopback, nameIn } from './loopback';

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
