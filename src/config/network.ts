import { isIP } from 'node:net';

/** An address, or a network of them. */
export interface Network {
  address: string;
  /** How many leading bits count. */
  bits: number;
  family: 'ipv4' | 'ipv6';
}

/**
 * Reads `10.0.0.0/8`, `192.0.2.1` or `2001:db8::/32`; null for what is neither an address nor a
 * network.
 */
export function parseNetwork(text: string): Network | null {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const bits = prefix === undefined ? most : Number(prefix);
  if (version === 0 || bits > most) return null;
  return { address, bits, family: version === 6 ? 'ipv6' : 'ipv4' };
}
