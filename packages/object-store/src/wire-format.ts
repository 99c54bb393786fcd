import type { IncomingHttpHeaders } from 'node:http';
import type { ListResponse, SignedResponse } from './ali-oss.js';
import { factsOf } from './faults.js';
import {
  type BucketInfo,
  type ByteRange,
  type ListedObject,
  type NewObject,
  StorageFault,
  type StoredObject,
} from './types.js';

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
  throw notFromOss(operation);
}

/** Headers for the GetObject of a range. Without the second one, OSS sends the whole object if the range goes beyond its end. */
export function rangeHeaders({ from, to }: ByteRange): Record<string, string> {
  return { Range: `bytes=${from}-${to - 1}`, 'x-oss-range-behavior': 'standard' };
}

/**
 * The body of a GetObject: the whole object, or what it has of the range.
 * @throws StorageFault if the response is not from OSS, or has other bytes
 */
export function toBytes({ status, headers, data }: SignedResponse, range: ByteRange | null): Buffer {
  const isWhole = Number(headers['content-length']) === data.length;
  const isWanted = range === null ? status === 200 : isRange(headers['content-range'], range, data.length);
  if (isFromOss(headers) && isWhole && isWanted) return data;
  throw notFromOss('read');
}

/** Whether a Content-Range names all bytes of the range that the object has. */
function isRange(header = '', { from, to }: ByteRange, length: number): boolean {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header) ?? [];
  const end = Math.min(to, Number(size));
  return Number(first) === from && Number(last) === end - 1 && length === end - from;
}

/**
 * Reads the headers of an AppendObject.
 * @throws StorageFault unless they name the end of the appended bytes
 */
export function checkAppended(headers: IncomingHttpHeaders, end: number): void {
  if (headers['x-oss-next-append-position'] !== String(end)) throw notFromOss('append');
}

/** @throws StorageFault without the request id that every response of OSS has, and the page of a proxy has not */
export function checkFromOss(operation: StorageFault['operation'], headers: IncomingHttpHeaders): void {
  if (!isFromOss(headers)) throw notFromOss(operation);
}

function isFromOss(headers: IncomingHttpHeaders): boolean {
  return headers['x-oss-request-id'] !== undefined;
}

export function notFromOss(operation: StorageFault['operation']): StorageFault {
  return new StorageFault(operation, factsOf('transient', 'NotFromOss', { operation, status: 200 }));
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
  if (!Number.isInteger(keyCount) || (isTruncated && objects.length === 0)) throw notFromOss('list');
  const page = objects.map(({ name, size, etag, lastModified }) => ({
    key: decodeURIComponent(name),
    bytes: size,
    etag: etag.replaceAll('"', '').toLowerCase(),
    lastModified: new Date(lastModified),
  }));
  return { objects: page, isTruncated };
}

/**
 * Reads a GetBucketInfo response.
 * @throws StorageFault (transient) without an ACL, because every bucket has one
 */
export function toBucketInfo(xml: string): BucketInfo {
  const acl = /<Grant>([a-z-]+)<\/Grant>/.exec(xml)?.[1];
  if (acl === undefined) throw notFromOss('info');
  return { acl, versioning: /<Versioning>([A-Za-z]+)<\/Versioning>/.exec(xml)?.[1] ?? null };
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
