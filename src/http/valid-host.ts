import { isIPv6 } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors/app-error';
import { countHeader } from './raw-headers';

/** A name or IPv4 address, or an IPv6 address in brackets, with or without a port (RFC 9110 section 7.2). */
const HOST = /^(?:\[([\da-f:.]+)\]|[\w.~!$&'()*+,;=-]*)(?::\d{0,5})?$/i;

/**
 * Refuses a malformed Host header, and more than one, on every route with 400 (RFC 9112 section 3.2): libraries build
 * URLs from it and would fail with 500.
 */
export function requireValidHost(app: FastifyInstance): void {
  let lastValid = '';
  app.addHook('onRequest', (request, _reply, next) => {
    const { host = '' } = request.headers;
    if (host !== lastValid && !isValidHost(host)) return next(refusal('The Host header is not valid'));
    lastValid = host;
    if (countHeader(request, 'host') > 1) return next(refusal('The request has more than one Host header'));
    next();
  });
}

const refusal = (detail: string): AppError => new AppError('BAD_REQUEST', { detail });

function isValidHost(host: string): boolean {
  if (host === '') return true;
  const match = HOST.exec(host);
  if (!match) return false;
  return match[1] === undefined ? URL.canParse(`http://${host}`) : isIPv6(match[1]);
}
