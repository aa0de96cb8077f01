import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { clientAddress, parseAddress } from './client-address';

/** The name in a Host header: without the port, and without the brackets of an IPv6 address. */
export const nameIn = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '');

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** No website can make an address, or a name of one label, point elsewhere. */
export const isLocalName = (name: string): boolean =>
  !name.includes('.') || name.endsWith('.localhost') || isIP(name) !== 0;

/** What proxies add: their requests come from a loopback address and are of others. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** Whether a program of this machine has sent the request itself: no proxy, and no website under a name of its own. */
export function isOfThisMachine(request: FastifyRequest): boolean {
  const { headers, socket } = request;
  const peer = parseAddress(socket.remoteAddress ?? '') ?? '';
  if (!isLoopback(peer) || !isLoopback(clientAddress(request))) return false;
  return FORWARDED.every((name) => headers[name] === undefined) && isLocalName(nameIn(headers.host ?? ''));
}
