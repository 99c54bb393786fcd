import { OssError } from '../http/errors.js';
import type { OssRequest } from '../http/request.js';
import { type Credentials, checkAccessKeyId, checkSecurityToken } from './credentials.js';
import { checkSignature } from './signature.js';
import { signV1, stringToSignV1 } from './v1-header.js';

// https://help.aliyun.com/zh/oss/developer-reference/add-signatures-to-urls

/** Verifies a URL with `OSSAccessKeyId`, `Expires` (seconds since 1970) and `Signature`. @throws OssError */
export function verifyV1Url(request: OssRequest, credentials: Credentials): void {
  const { query, now } = request;
  const [accessKeyId, expires, signature] = ['OSSAccessKeyId', 'Expires', 'Signature'].map(
    (name) => query.get(name) ?? '',
  ) as [string, string, string];
  if (accessKeyId === '' || signature === '' || !/^\d+$/.test(expires))
    throw new OssError('AccessDenied', 'A signed URL needs OSSAccessKeyId, Expires and Signature.');
  checkAccessKeyId(accessKeyId, credentials);
  if (Number(expires) * 1000 < now)
    throw new OssError('AccessDenied', 'Request has expired.', '0002-00000069');
  checkSecurityToken(query.get('security-token'), credentials, now);
  const text = stringToSignV1(request, expires);
  checkSignature(signature, signV1(credentials.accessKeySecret, text), {
    credentials,
    stringToSign: text,
    ec: '0002-00000040',
  });
}
