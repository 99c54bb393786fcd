import { isIP } from 'node:net';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import type { Hop } from '@pixdock/contract/messages/sources';
import { SOURCE_URL_MAX } from '@pixdock/contract/source';
import { isGlobalUnicast } from './address.js';
import { type Endpoint, endpointOf } from './endpoint.js';
import type { SourceSettings } from './settings.js';

export interface Destination extends Endpoint {
  url: URL;
  /** Whether SOURCE_ALLOW lists it. */
  exempt: boolean;
}

/**
 * Judges a URL before its name is resolved. With `from`, the URL comes from a redirect and may be relative.
 * @param hop what the detail calls the URL
 * @returns why it is forbidden, or where it leads
 */
export function judgeAddress(
  address: string,
  from: URL | null,
  settings: SourceSettings,
  hop: Hop['hop'] = from === null ? 'given' : 'redirect',
): { forbidden: Detail } | { forbidden: null; destination: Destination } {
  const at: Hop = { hop };
  if (address.length > SOURCE_URL_MAX || !URL.canParse(address, from?.href))
    return { forbidden: detailOf('source-not-a-url', at) };
  const url = new URL(address, from?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { forbidden: detailOf('source-not-http-url', at) };
  if (url.username !== '' || url.password !== '')
    return { forbidden: detailOf('source-with-credentials', at) };
  const endpoint = endpointOf(url);
  const destination = { ...endpoint, url, exempt: settings.allow.has(endpoint.key) };
  if (destination.exempt) return { forbidden: null, destination };
  const isAddress = isIP(endpoint.host) !== 0;
  // The target of a redirect is not the caller's to know.
  const target = hop === 'redirect' ? at : { ...at, target: endpoint.key };
  if (isAddress && !isGlobalUnicast(endpoint.host))
    return { forbidden: detailOf('source-not-public', target) };
  if (!isAddress && isSpecialName(endpoint.host))
    return { forbidden: detailOf('source-special-name', target) };
  if (!settings.ports.has(endpoint.port))
    return { forbidden: detailOf('source-port', { ...at, ports: [...settings.ports].map(String) }) };
  return { forbidden: null, destination };
}

// RFC 6761, 6762, 7686, 8375, 9476, ICANN's list of 2024 (internal), and names that routers and offices use without a standard.
const SPECIAL_NAMES =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|lan|home|corp|test|example|invalid|onion|alt|arpa)$/;

/** Includes names of one label, which a search list of this machine could complete, and names with an empty label. */
function isSpecialName(name: string): boolean {
  return SPECIAL_NAMES.test(name) || !name.includes('.') || name.split('.').includes('');
}
