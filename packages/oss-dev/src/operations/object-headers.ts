import { OssError } from '../http/errors.js';
import type { Headers } from '../http/request.js';
import { etagOf, type ObjectRecord } from '../store/object-record.js';

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

export function readForbidOverwrite(value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  const message = `The value of x-oss-forbid-overwrite must be true or false, not '${value}'.`;
  throw new OssError('InvalidArgument', message, '0017-00000279');
}

/** Response headers of GetObject and HeadObject, without Content-Length. */
export function objectHeaders(record: ObjectRecord): Record<string, string> {
  return {
    ...record.headers,
    ...validators(record),
    'accept-ranges': 'bytes',
    'content-md5': Buffer.from(record.md5, 'hex').toString('base64'),
    'x-oss-object-type': 'Normal',
    'x-oss-storage-class': 'Standard',
    'x-oss-hash-crc64ecma': record.crc64,
  };
}

export function validators(record: ObjectRecord): Record<string, string> {
  return { etag: etagOf(record), 'last-modified': new Date(record.lastModified).toUTCString() };
}
