import type { IncomingHttpHeaders } from 'node:http';
import type { ListAnswer } from './ali-oss.js';
import { factsOf } from './faults.js';
import { type ListedObject, type NewObject, StorageFault, type StoredObject } from './types.js';

const META = 'x-oss-meta-';

/** Headers of a PutObject that OSS checks (Content-MD5) and that never replaces what is there. */
export function putHeaders(object: NewObject): Record<string, string> {
  const meta = Object.entries(object.metadata).map(([name, value]) => [META + name, value] as const);
  return {
    'Content-Type': object.contentType,
    'Content-MD5': Buffer.from(object.md5, 'hex').toString('base64'),
    'Cache-Control': object.cacheControl,
    'x-oss-forbid-overwrite': 'true',
    ...Object.fromEntries(meta),
  };
}

/** The hex MD5 in an ETag. Every answer of OSS about an object has one; without it something else has answered. */
export function etagOf(operation: StorageFault['operation'], headers: IncomingHttpHeaders): string {
  const etag = headers.etag?.replaceAll('"', '').toLowerCase();
  if (etag) return etag;
  throw new StorageFault(operation, factsOf('transient', 'NotFromOss', { status: 200 }));
}

/**
 * An object as the headers of its HEAD tell.
 * @throws StorageFault when something other than OSS has answered
 */
export function toStoredObject(headers: IncomingHttpHeaders): StoredObject {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(META) && typeof value === 'string') metadata[name.slice(META.length)] = value;
  }
  return {
    etag: etagOf('head', headers),
    bytes: Number(headers['content-length']),
    contentType: headers['content-type'] ?? '',
    metadata,
    lastModified: new Date(headers['last-modified'] ?? Number.NaN),
  };
}

/**
 * One page of a listing. A web page may pass for XML, and would read as an empty bucket; and a page with nothing on it
 * but more behind it (all of it was deleted meanwhile) does not say where to go on: both are asked for again.
 */
export function toListedPage({ objects, isTruncated, keyCount }: ListAnswer): {
  objects: ListedObject[];
  isTruncated: boolean;
} {
  if (!Number.isInteger(keyCount) || (isTruncated && objects.length === 0))
    throw new StorageFault('list', factsOf('transient', 'NotFromOss', { operation: 'list', status: 200 }));
  const listed = objects.map(({ name, size, etag, lastModified }) => ({
    key: decodeURIComponent(name),
    bytes: size,
    etag: etag.replaceAll('"', '').toLowerCase(),
    lastModified: new Date(lastModified),
  }));
  return { objects: listed, isTruncated };
}
