import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/**
 * How other machines may reach this one, as Spring's InetUtils guesses it: the system's host name
 * and the first IPv4 address that is not the loopback's. A guess: behind NAT, or where host names
 * are not resolved, both need to be configured.
 */
export function findLocalAddress(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): {
  hostName: string;
  ipAddress: string;
} {
  const addresses = Object.values(interfaces).flatMap((each) => each ?? []);
  const outward = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return { hostName: hostname(), ipAddress: outward?.address ?? '127.0.0.1' };
}
