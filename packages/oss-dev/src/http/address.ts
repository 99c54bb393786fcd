import { isIP } from 'node:net';
import { decode } from './encoding.js';
import { OssError } from './errors.js';

/** `hosts` serve path-style requests and `bucket.host`; `cnames` maps a custom domain to its bucket. */
export type Addressing = { hosts: readonly string[]; cnames: ReadonlyMap<string, string> };
export type Address = { bucket: string | undefined; key: string | undefined };

export function resolveAddress(hostHeader: string, path: string, addressing: Addressing): Address {
  const host = hostHeader.replace(/:\d*$/, '').toLowerCase();
  const bucket = addressing.cnames.get(host) ?? virtualBucket(host, addressing.hosts);
  if (bucket) return { bucket, key: decode(path.slice(1)) || undefined };
  if (isPathStyle(host, addressing.hosts)) return fromPath(path);
  throw new OssError('NoSuchBucket', `No bucket is served at the host ${host}.`, '0015-00000101');
}

function virtualBucket(host: string, hosts: readonly string[]): string | undefined {
  const base = hosts.find((candidate) => host.endsWith(`.${candidate}`));
  return base && host.slice(0, -base.length - 1);
}

function isPathStyle(host: string, hosts: readonly string[]): boolean {
  return hosts.includes(host) || isIP(host.replace(/^\[|\]$/g, '')) > 0;
}

function fromPath(path: string): Address {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket: decode(bucket) || undefined, key: decode(key) || undefined };
}
