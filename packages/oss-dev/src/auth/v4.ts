import { createHash, createHmac } from 'node:crypto';
import { encodePath, encodeStrictly } from '../http/encoding.js';
import type { Query } from '../http/query.js';
import type { Headers } from '../http/request.js';
import type { Credentials } from './credentials.js';
import { checkSignature } from './signature.js';

// https://help.aliyun.com/zh/oss/developer-reference/recommend-to-use-signature-version-4

export const algorithm = 'OSS4-HMAC-SHA256';
export const unsignedPayload = 'UNSIGNED-PAYLOAD';

export type SignedRequest = {
  method: string;
  bucket: string | undefined;
  key: string | undefined;
  query: Query;
  headers: Headers;
  additionalHeaders: readonly string[];
};

/** @param emptyEnd follows the name of a parameter with an empty value */
export function canonicalRequest(request: SignedRequest, emptyEnd: '' | '=' = ''): string {
  const path = `/${request.bucket ? `${request.bucket}/` : ''}${request.key ?? ''}`;
  return [
    request.method,
    encodePath(path),
    canonicalQuery(request.query, emptyEnd),
    canonicalHeaders(request.headers, request.additionalHeaders),
    request.additionalHeaders.toSorted().join(';'),
    request.headers['x-oss-content-sha256'] ?? unsignedPayload,
  ].join('\n');
}

/** `dateTime` is `20260102T030405Z`, `region` the bare id (`cn-hangzhou`). */
export function stringToSign(dateTime: string, region: string, canonical: string): string {
  const hash = createHash('sha256').update(canonical).digest('hex');
  return [algorithm, dateTime, scopeOf(dateTime, region), hash].join('\n');
}

export function scopeOf(dateTime: string, region: string): string {
  return `${dateTime.slice(0, 8)}/${region}/oss/aliyun_v4_request`;
}

export function signingKey(secret: string, dateTime: string, region: string): Buffer {
  const steps = [dateTime.slice(0, 8), region, 'oss', 'aliyun_v4_request'];
  return steps.reduce<Buffer>((key, step) => hmac(key, step), Buffer.from(`aliyun_v4${secret}`));
}

export function signV4(secret: string, dateTime: string, region: string, text: string): string {
  return hmac(signingKey(secret, dateTime, region), text).toString('hex');
}

/**
 * Compares the signature of a request. The documentation signs a parameter with an empty value by its name alone, and
 * ali-oss as `name=`.
 * @throws OssError SignatureDoesNotMatch
 */
export function checkV4Signature(
  signature: string,
  request: SignedRequest,
  dateTime: string,
  key: Credentials,
): void {
  const [documented, ofAliOss] = (['', '='] as const).map((emptyEnd) => {
    const canonical = canonicalRequest(request, emptyEnd);
    const text = stringToSign(dateTime, key.region, canonical);
    return { canonical, text, expected: signV4(key.accessKeySecret, dateTime, key.region, text) };
  });
  if (documented === undefined || ofAliOss?.expected === signature) return;
  checkSignature(signature, documented.expected, {
    credentials: key,
    stringToSign: documented.text,
    canonicalRequest: documented.canonical,
    ec: '0002-00000201',
  });
}

function canonicalQuery(query: Query, emptyEnd: string): string {
  return [...query]
    .map(([name, value]) => [encodeStrictly(name), encodeStrictly(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value ? `${name}=${value}` : `${name}${emptyEnd}`))
    .join('&');
}

function canonicalHeaders(headers: Headers, additional: readonly string[]): string {
  const isAlwaysSigned = (name: string) =>
    name === 'content-type' || name === 'content-md5' || name.startsWith('x-oss-');
  return Object.entries(headers)
    .filter(([name]) => isAlwaysSigned(name) || additional.includes(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${asUtf8(value ?? '').trim()}\n`)
    .join('');
}

/** Node decodes header bytes as latin1, but clients sign them as UTF-8. */
function asUtf8(value: string): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
