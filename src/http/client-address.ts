import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config';
import { parseNetwork } from '../config/network';

type TrustProxy = Config['http']['trustProxy'];
type TrustFunction = (address: string, hop: number) => boolean;

/** The names that TRUST_PROXY knows, as Express and Fastify define them. */
const NAMED_NETWORKS: Record<string, string[]> = {
  loopback: ['127.0.0.0/8', '::1'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * One entry of X-Forwarded-For as a canonical address, so that a client counts once however a proxy
 * writes it: with a port, in brackets, in upper case, or IPv4 mapped into IPv6. Null for anything
 * else (RFC 7239 section 6 allows `unknown` and obfuscated names).
 */
export function parseAddress(entry: string): string | null {
  if (isIPv4(entry)) return entry;
  const text = entry.trim().replace(/^"(.*)"$/, '$1');
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  const version = isIP(address);
  if (version === 0) return null;
  const canonical = new SocketAddress({ address, family: version === 6 ? 'ipv6' : 'ipv4' }).address;
  return canonical.replace(/^::ffff:(?=\d+\.)/, '');
}

/** TRUST_PROXY as Fastify takes it: whether the peer or a forwarded address is a trusted proxy. */
export function trustFunction(trustProxy: TrustProxy): boolean | TrustFunction {
  if (typeof trustProxy === 'boolean') return trustProxy;
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy;
  const trusted = new BlockList();
  for (const text of trustProxy.flatMap((entry) => NAMED_NETWORKS[entry] ?? entry)) {
    const { address, bits, family } = parseNetwork(text)!;
    trusted.addSubnet(address, bits, family);
  }
  return (entry) => {
    const address = parseAddress(entry);
    return address !== null && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
}

/** The client's address: the last one that no trusted proxy has, or the peer's where that is unreadable. */
export function clientAddress(request: FastifyRequest): string {
  const peer = request.socket.remoteAddress ?? '';
  return parseAddress(request.ip) ?? parseAddress(peer) ?? peer;
}
