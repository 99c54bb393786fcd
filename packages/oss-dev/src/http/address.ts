import { isIP } from 'node:net';
import { decode } from './encoding.js';
import { OssError } from './errors.js';

/** The bucket of each custom domain. */
export type Cnames = ReadonlyMap<string, string>;
export type Address = { bucket: string | undefined; key: string | undefined };

/** The bucket is named by a custom domain, in `bucket.localhost`, or first in the path at `localhost` and at addresses. */
export function resolveAddress(hostHeader: string, path: string, cnames: Cnames): Address {
  const host = hostHeader.replace(/:\d*$/, '').toLowerCase();
  const bucket = cnames.get(host) ?? /^(.+)\.localhost$/.exec(host)?.[1];
  if (bucket) return { bucket, key: decode(path.slice(1)) || undefined };
  if (host === 'localhost' || isIP(host.replace(/^\[|\]$/g, '')) > 0) return fromPath(path);
  throw new OssError('NoSuchBucket', `No bucket is served at the host ${host}.`, '0015-00000101');
}

function fromPath(path: string): Address {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket: decode(bucket) || undefined, key: decode(key) || undefined };
}
