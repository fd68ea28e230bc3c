// Owns which addresses are this machine's own, reached by nobody else.

import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** True for an address, or name, that leads back to this machine: `127.0.0.2`, `::1`, `::ffff:127.0.0.1`, `localhost`. */
export function isLoopbackAddress(address: string): boolean {
  if (address === 'localhost') return true;
  const kind = isIP(address);
  return kind !== 0 && LOOPBACK.check(address, kind === 4 ? 'ipv4' : 'ipv6');
}
