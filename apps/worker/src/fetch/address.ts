import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** RFC 4291 2.4: all of IPv6 that is given out so far. Leaves out IPv4-compatible addresses, which have no range of their own. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Services of a cloud for its own machines at addresses of the public Internet: Azure's WireServer, which hands out settings
 * and certificates of the machine. Those of other clouds are link-local, private or in a reserved range.
 */
const CLOUD_SERVICES = new Set(['168.63.129.16']);

/** Whether an address is one of the public Internet. An address with a zone is of this machine, whatever it looks like. */
export function isGlobalUnicast(address: string): boolean {
  // isIP is strict where ipaddr.js takes octal and hexadecimal, which a socket may read differently.
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && (parsed.zoneId !== undefined || !parsed.match(GLOBAL_IPV6)))
    return false;
  return parsed.range() === 'unicast' && !CLOUD_SERVICES.has(parsed.toString());
}
