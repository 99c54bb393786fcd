import { lookup as systemLookup } from 'node:dns';
import { isIPv4, type LookupFunction } from 'node:net';

/** Whether a URL's host is this machine: `localhost`, `*.localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(host: string): boolean {
  return isLocalName(host) || host === '[::1]' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * `dns.lookup` that resolves `localhost` and every name under it to this machine (RFC 6761). Many resolvers do not
 * resolve `bucket.localhost`.
 */
export const loopbackLookup: LookupFunction = (host, options, done) => {
  if (!isLocalName(host)) systemLookup(host, options, done);
  else if (options.all) done(null, options.family === 6 ? [V6] : options.family === 4 ? [V4] : [V4, V6]);
  else if (options.family === 6) done(null, V6.address, V6.family);
  else done(null, V4.address, V4.family);
};

const V4 = { address: '127.0.0.1', family: 4 };
const V6 = { address: '::1', family: 6 };

function isLocalName(host: string): boolean {
  return /(^|\.)localhost\.?$/i.test(host);
}
