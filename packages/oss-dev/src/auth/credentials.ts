import { timingSafeEqual } from 'node:crypto';
import { OssError } from '../http/errors.js';

/** The only accepted key pair; with a `securityToken` it is a temporary STS key. */
export type Credentials = {
  region: string;
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string | undefined;
};

export function checkAccessKeyId(accessKeyId: string, credentials: Credentials): void {
  if (!isSame(accessKeyId, credentials.accessKeyId)) throw unknownKey('0002-00000902', accessKeyId);
}

/** A temporary key requires its token, and a token is only valid with its own key. */
export function checkSecurityToken(token: string | undefined, credentials: Credentials): void {
  const { securityToken, accessKeyId } = credentials;
  if (securityToken && !token) throw unknownKey('0002-00000003', accessKeyId);
  if (token && !isSame(token, securityToken ?? '')) {
    throw new OssError(
      'InvalidSecurityToken',
      'The security token you provided is invalid.',
      '0002-00000008',
    );
  }
}

/** Checks `AccessKeyId/date/region/oss/aliyun_v4_request` against the credentials and returns its date. */
export function checkCredential(credential: string, credentials: Credentials, ec: string): string {
  const [accessKeyId = '', date = '', region, product, suffix, ...more] = credential.split('/');
  if (suffix !== 'aliyun_v4_request' || more.length > 0 || !/^\d{8}$/.test(date)) {
    throw new OssError('InvalidArgument', 'Invalid Credential in the signature.', ec);
  }
  checkAccessKeyId(accessKeyId, credentials);
  if (region !== credentials.region) {
    throw new OssError('InvalidArgument', 'Invalid signing region in Authorization header.', '0002-00000226');
  }
  if (product !== 'oss') {
    throw new OssError(
      'InvalidArgument',
      'Invalid signing product in Authorization header.',
      '0002-00000227',
    );
  }
  return date;
}

/** Compares in constant time; only the length may leak. */
export function isSame(actual: string, expected: string): boolean {
  const [a, b] = [Buffer.from(actual), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function unknownKey(ec: string, accessKeyId: string): OssError {
  const message = 'The OSS Access Key Id you provided does not exist in our records.';
  return new OssError('InvalidAccessKeyId', message, ec, { OSSAccessKeyId: accessKeyId });
}
