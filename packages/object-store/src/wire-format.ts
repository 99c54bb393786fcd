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

/** Rejects keys that ali-oss would normalize after signing. @throws StorageFault InvalidObjectName */
export function checkKey(operation: StorageFault['operation'], key: string): void {
  const segments = key.split('/');
  const isSafe = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (isSafe && !key.includes('\\') && Buffer.byteLength(key) <= MAX_KEY_BYTES) return;
  throw new StorageFault(operation, factsOf('rejected', 'InvalidObjectName'));
}

/** Rejects metadata that Node cannot send (non-ASCII) or that OSS would sign differently. @throws StorageFault InvalidMetadata */
export function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const isSafe = Object.entries(metadata).every(
    ([name, value]) => /^[a-z0-9-]+$/.test(name) && /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/.test(value),
  );
  if (!isSafe) throw new StorageFault('put', factsOf('rejected', 'InvalidMetadata'));
}

const MAX_KEY_BYTES = 1023;
