import { OssError } from '../http/errors.js';
import type { Headers } from '../http/request.js';
import { etagOf, isAppendable, type ObjectRecord } from '../store/object-record.js';

/** Total of the names and values of `x-oss-meta-*`. */
const maxMetadataBytes = 8 * 1024;

/** Stored with the object, like `x-oss-meta-*`. */
const standard = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'];

/** @throws OssError if there is too much metadata */
export function storedHeaders(headers: Headers, contentType: string | undefined): Record<string, string> {
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-oss-meta-'));
  if (metadata.flat().join('').length > maxMetadataBytes) {
    const message = 'The total size of the user metadata exceeds 8 KB.';
    throw new OssError('InvalidArgument', message, '0011-00000002');
  }
  const stored: Record<string, string> = { 'content-type': contentType || 'application/octet-stream' };
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && (standard.includes(name) || name.startsWith('x-oss-meta-')))
      stored[name] = value;
  }
  return stored;
}

/** Response headers of GetObject and HeadObject, without Content-Length. */
export function objectHeaders(record: ObjectRecord): Record<string, string> {
  return {
    ...record.headers,
    ...validators(record),
    ...checksums(record),
    'accept-ranges': 'bytes',
    'x-oss-object-type': objectType(record),
    'x-oss-storage-class': 'Standard',
  };
}

/** OSS computes no MD5 of an appendable object, and tells the position of its next append. */
export function checksums(record: ObjectRecord): Record<string, string> {
  const { md5, crc64, size } = record;
  return {
    'x-oss-hash-crc64ecma': crc64,
    ...(md5 === undefined
      ? { 'x-oss-next-append-position': String(size) }
      : { 'content-md5': Buffer.from(md5, 'hex').toString('base64') }),
  };
}

export function objectType(record: ObjectRecord): string {
  return isAppendable(record) ? 'Appendable' : 'Normal';
}

export function validators(record: ObjectRecord): Record<string, string> {
  return { etag: etagOf(record), 'last-modified': new Date(record.lastModified).toUTCString() };
}
