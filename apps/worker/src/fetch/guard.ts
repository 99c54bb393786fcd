import { isIP } from 'node:net';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import type { Hop } from '@pixdock/contract/messages/sources';
import { SOURCE_URL_MAX } from '@pixdock/contract/source';
import { isGlobalUnicast } from './address.js';
import { type Endpoint, endpointOf } from './endpoint.js';
import { SourceFault } from './fault.js';
import type { Resolve, SourceSettings } from './types.js';

export interface Destination extends Endpoint {
  url: URL;
  /** Whether SOURCE_ALLOW lists it. */
  exempt: boolean;
}

/**
 * Checks a URL before its name is resolved. With `from`, the URL comes from a redirect and may be relative.
 * @throws SourceFault source_forbidden
 */
export function admit(address: string, from: URL | null, settings: SourceSettings): Destination {
  const at: Hop = { hop: from === null ? 'given' : 'redirect' };
  if (address.length > SOURCE_URL_MAX || !URL.canParse(address, from?.href))
    throw forbidden(detailOf('source-not-a-url', at));
  const url = new URL(address, from?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw forbidden(detailOf('source-not-http-url', at));
  if (url.username !== '' || url.password !== '') throw forbidden(detailOf('source-with-credentials', at));
  const endpoint = endpointOf(url);
  const destination = { ...endpoint, url, exempt: settings.allow.has(endpoint.key) };
  if (destination.exempt) return destination;
  if (!settings.ports.has(endpoint.port))
    throw forbidden(detailOf('source-port', { ...at, ports: [...settings.ports].map(String) }));
  if (isIP(endpoint.host) === 0 && isSpecialName(endpoint.host))
    throw forbidden(detailOf('source-special-name', at));
  return destination;
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
  const answers = isIP(host) === 0 ? await resolve(host, exempt, signal) : [host];
  const isFit = (answer: string) => (exempt ? isIP(answer) !== 0 : isGlobalUnicast(answer));
  if (!answers.every(isFit))
    throw forbidden(detailOf('source-not-public', { hop: isRedirect ? 'redirect' : 'given' }));
  return answers.toSorted((a, b) => isIP(a) - isIP(b));
}

function forbidden(detail: Detail): SourceFault {
  return new SourceFault('source_forbidden', detail, false);
}

// RFC 6761, 6762, 7686, 8375, 9476, ICANN's list of 2024 (internal), and names that routers and offices use without a standard.
const SPECIAL_NAMES =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|lan|home|corp|test|example|invalid|onion|alt|arpa)$/;

/** Includes names of one label, which a search list of this machine could complete, and names with an empty label. */
function isSpecialName(name: string): boolean {
  return SPECIAL_NAMES.test(name) || !name.includes('.') || name.split('.').includes('');
}
