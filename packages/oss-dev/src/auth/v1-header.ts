import { createHmac } from 'node:crypto';
import { OssError } from '../http/errors.js';
import type { OssRequest } from '../http/request.js';
import { checkSkew, invalidDate } from './clock.js';
import { type Credentials, checkAccessKeyId, checkSecurityToken } from './credentials.js';
import { checkSignature } from './signature.js';

// https://help.aliyun.com/zh/oss/developer-reference/include-signatures-in-the-authorization-header

/** `Authorization: OSS AccessKeyId:Signature` */
export function verifyV1Header(request: OssRequest, authorization: string, credentials: Credentials): void {
  const [, accessKeyId, signature] = /^OSS ([^:]+):(.+)$/.exec(authorization) ?? [];
  if (!accessKeyId || !signature) throw new OssError('InvalidArgument', 'Authorization header is invalid.');
  checkAccessKeyId(accessKeyId, credentials);
  const time = Date.parse(dateOf(request));
  if (Number.isNaN(time)) throw invalidDate();
  checkSkew(time, request.now);
  checkSecurityToken(request.headers['x-oss-security-token'], credentials, request.now);
  const text = stringToSignV1(request);
  checkSignature(signature, signV1(credentials.accessKeySecret, text), {
    credentials,
    stringToSign: text,
    ec: '0002-00000040',
  });
}

/** @param time of the header form its date, of a signed URL when it expires */
export function stringToSignV1(
  request: Pick<OssRequest, 'method' | 'bucket' | 'key' | 'query' | 'headers'>,
  time = dateOf(request),
): string {
  const { method, headers, bucket, key, query } = request;
  const ossHeaders = Object.keys(headers).filter((name) => name.startsWith('x-oss-'));
  const subresources = [...query].filter(([name]) => isSubresource(name));
  const resource = subresources
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value ? `${name}=${value}` : name))
    .join('&');
  return [
    method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    time,
    ...ossHeaders.toSorted().map((name) => `${name}:${headers[name]?.trim()}`),
    `/${bucket ? `${bucket}/` : ''}${key ?? ''}${resource && `?${resource}`}`,
  ].join('\n');
}

export function signV1(secret: string, text: string): string {
  return createHmac('sha1', secret).update(text).digest('base64');
}

function dateOf({ headers }: Pick<OssRequest, 'headers'>): string {
  return headers['x-oss-date'] ?? headers['date'] ?? '';
}

const SUBRESOURCES = [
  'bucketInfo',
  'continuation-token',
  'delete',
  'objectMeta',
  'security-token',
  'versioning',
  'x-oss-process',
];

/** The subresources of the OSS documentation that the operations here support, or that a signed URL has. */
function isSubresource(name: string): boolean {
  return SUBRESOURCES.includes(name) || name.startsWith('response-');
}
