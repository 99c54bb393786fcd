import { isIP } from 'node:net';
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
  const refuse = (en: string, zh: string) => forbidden(from === null, en, zh);
  if (address.length > SOURCE_URL_MAX || !URL.canParse(address, from?.href))
    throw refuse('is not a URL', '不是有效的 URL');
  const url = new URL(address, from?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refuse('is not an http or https URL', '不是 http 或 https 地址');
  if (url.username !== '' || url.password !== '')
    throw refuse('has a user name or password in it', '含有用户名或密码');
  const endpoint = endpointOf(url);
  const destination = { ...endpoint, url, exempt: settings.allow.has(endpoint.key) };
  if (destination.exempt) return destination;
  const ports = [...settings.ports].join(', ');
  if (!settings.ports.has(endpoint.port))
    throw refuse(`has a port other than ${ports}`, `的端口不是 ${ports}`);
  if (isIP(endpoint.host) === 0 && isSpecialName(endpoint.host))
    throw refuse('has a name that is not of the public Internet', '的主机名不是公网域名');
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
    throw forbidden(!isRedirect, 'leads to an address that is not of the public Internet', '指向非公网 IP');
  return answers.toSorted((a, b) => isIP(a) - isIP(b));
}

function forbidden(isFirst: boolean, en: string, zh: string): SourceFault {
  const detail = isFirst
    ? { en: `The source address ${en}.`, zh: `来源地址${zh}。` }
    : { en: `The address that the source redirects to ${en}.`, zh: `来源重定向到的地址${zh}。` };
  return new SourceFault('source_forbidden', detail, false);
}

// RFC 6761, 6762, 7686, 8375, 9476, ICANN's list of 2024 (internal), and names that routers and offices use without a standard.
const SPECIAL_NAMES =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|lan|home|corp|test|example|invalid|onion|alt|arpa)$/;

/** Includes names of one label, which a search list of this machine could complete, and names with an empty label. */
function isSpecialName(name: string): boolean {
  return SPECIAL_NAMES.test(name) || !name.includes('.') || name.split('.').includes('');
}
