import type { IncomingHttpHeaders } from 'node:http';
import type { ListResponse } from './ali-oss.js';
import { factsOf } from './faults.js';
import { type ListedObject, type NewObject, StorageFault, type StoredObject } from './types.js';

const META = 'x-oss-meta-';

/** Headers for a PutObject that OSS verifies (Content-MD5) and that never overwrites an object. */
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

/** The hex MD5 in an ETag. @throws StorageFault without an ETag, because every OSS response about an object has one */
export function etagOf(operation: StorageFault['operation'], headers: IncomingHttpHeaders): string {
  const etag = headers.etag?.replaceAll('"', '').toLowerCase();
  if (etag) return etag;
  throw new StorageFault(operation, factsOf('transient', 'NotFromOss', { status: 200 }));
}

/**
 * Reads the headers of a HeadObject.
 * @throws StorageFault if the response is not from OSS
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
 * One page of a listing.
 * @throws StorageFault (transient) for an HTML page, which would parse as an empty bucket, and for an empty page that is
 * not the last one, which does not say where the next page starts
 */
export function toListedPage({ objects, isTruncated, keyCount }: ListResponse): {
  objects: ListedObject[];
  isTruncated: boolean;
} {
  if (!Number.isInteger(keyCount) || (isTruncated && objects.length === 0))
    throw new StorageFault('list', factsOf('transient', 'NotFromOss', { operation: 'list', status: 200 }));
  const page = objects.map(({ name, size, etag, lastModified }) => ({
    key: decodeURIComponent(name),
    bytes: size,
    etag: etag.replaceAll('"', '').toLowerCase(),
    lastModified: new Date(lastModified),
  }));
  return { objects: page, isTruncated };
}
