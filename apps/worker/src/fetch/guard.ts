import { isIP } from 'node:net';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import { isGlobalUnicast } from '@pixdock/shared/runtime/sources/address';
import { type Destination, judgeAddress } from '@pixdock/shared/runtime/sources/judge-address';
import type { SourceSettings } from '@pixdock/shared/runtime/sources/settings';
import { SourceFault } from './fault.js';
import type { Resolve } from './types.js';

/**
 * Checks a URL before its name is resolved. With `from`, the URL comes from a redirect and may be relative.
 * @throws SourceFault source_forbidden
 */
export function checkUrl(address: string, from: URL | null, settings: SourceSettings): Destination {
  const judged = judgeAddress(address, from, settings);
  if (judged.forbidden !== null) throw forbidden(judged.forbidden);
  return judged.destination;
}

/**
 * Resolves a destination's name once and returns the permitted addresses, IPv4 first, since containers often have no route
 * for IPv6.
 * @throws SourceFault source_forbidden if any address is not public; errors of `resolve`
 */
export async function checkedAddresses(
  destination: Destination,
  resolve: Resolve,
  isRedirect: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const { host, exempt } = destination;
  const addresses = isIP(host) === 0 ? await resolve(host, exempt, signal) : [host];
  const isPermitted = (address: string) => (exempt ? isIP(address) !== 0 : isGlobalUnicast(address));
  if (!addresses.every(isPermitted))
    throw forbidden(detailOf('source-not-public', { hop: isRedirect ? 'redirect' : 'given' }));
  return addresses.toSorted((a, b) => isIP(a) - isIP(b));
}

function forbidden(detail: Detail): SourceFault {
  return new SourceFault('source_forbidden', detail, false);
}
