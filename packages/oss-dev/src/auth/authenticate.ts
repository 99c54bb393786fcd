import { OssError } from '../http/errors.js';
import type { OssRequest } from '../http/request.js';
import type { Credentials } from './credentials.js';
import { v1Refused } from './v1-refused.js';
import { algorithm } from './v4.js';
import { verifyV4Header } from './v4-header.js';
import { verifyV4Url } from './v4-url.js';

/** Keys under one of `publicPrefixes` are readable without a signature, except in private buckets; the prefix `''` covers every key. */
export type AuthRules = {
  credentials: Credentials;
  publicPrefixes: readonly string[];
  privateBuckets: readonly string[];
};

/** Accepts signed requests and reads of public keys. @throws OssError for any other request */
export function authenticate(request: OssRequest, rules: AuthRules): void {
  const { authorization } = request.headers;
  const inUrl = request.query.has('x-oss-signature') || request.query.has('x-oss-signature-version');
  if (authorization !== undefined && inUrl) {
    throw new OssError(
      'InvalidArgument',
      'Only one of the Authorization header and a signed URL may be used.',
    );
  }
  if (inUrl) return verifyV4Url(request, rules.credentials);
  const isV1Url = request.query.has('OSSAccessKeyId') || request.query.has('Signature');
  if (isV1Url || authorization?.startsWith('OSS ')) throw v1Refused();
  if (authorization?.startsWith(`${algorithm} `))
    return verifyV4Header(request, authorization, rules.credentials);
  if (authorization !== undefined) throw new OssError('InvalidArgument', 'Authorization header is invalid.');
  if (isPublicRead(request, rules)) return;
  const message = 'You have no right to access this object because of bucket acl.';
  throw new OssError('AccessDenied', message, '0003-00000001');
}

function isPublicRead(
  { method, bucket = '', key }: OssRequest,
  { publicPrefixes, privateBuckets }: AuthRules,
): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || privateBuckets.includes(bucket)) return false;
  return key !== undefined && publicPrefixes.some((prefix) => key.startsWith(prefix));
}
