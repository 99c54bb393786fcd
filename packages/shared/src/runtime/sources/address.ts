import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** RFC 4291 2.4: all allocated IPv6 addresses. Excludes IPv4-compatible addresses, for which ipaddr.js has no range. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Cloud services for the machines of the cloud at public addresses: Azure's WireServer, which serves settings and
 * certificates of the machine. Those of other clouds are link-local, private or in a reserved range.
 */
const CLOUD_SERVICES = new Set(['168.63.129.16']);

/** Whether an address is public. An address with a zone always belongs to this machine. */
export function isGlobalUnicast(address: string): boolean {
  // ipaddr.js accepts octal and hexadecimal, which a socket may read differently; isIP does not.
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && (parsed.zoneId !== undefined || !parsed.match(GLOBAL_IPV6)))
    return false;
  return parsed.range() === 'unicast' && !CLOUD_SERVICES.has(parsed.toString());
}
