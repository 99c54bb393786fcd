import { timingSafeEqual } from 'node:crypto';
import { OssError } from '../http/errors.js';

/** The one key pair that may sign; with a `securityToken` it is a temporary one of STS. */
export type Credentials = {
  region: string;
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string | undefined;
};

export function checkAccessKeyId(given: string, credentials: Credentials): void {
  if (!isSame(given, credentials.accessKeyId)) throw unknownKey('0002-00000902', given);
}

/** A temporary key is nothing without its token, and a token belongs to no other key. */
export function checkSecurityToken(given: string | undefined, credentials: Credentials): void {
  const { securityToken, accessKeyId } = credentials;
  if (securityToken && !given) throw unknownKey('0002-00000003', accessKeyId);
  if (given && !isSame(given, securityToken ?? '')) {
    throw new OssError(
      'InvalidSecurityToken',
      'The security token you provided is invalid.',
      '0002-00000008',
    );
  }
}

/** Splits `AccessKeyId/date/region/oss/aliyun_v4_request`, checks it against ours, and returns its date. */
export function checkCredential(given: string, credentials: Credentials, ec: string): string {
  const [accessKeyId = '', date = '', region, product, suffix, ...more] = given.split('/');
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

/** Compares in a time that tells nothing but the length. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function unknownKey(ec: string, accessKeyId: string): OssError {
  const message = 'The OSS Access Key Id you provided does not exist in our records.';
  return new OssError('InvalidAccessKeyId', message, ec, { OSSAccessKeyId: accessKeyId });
}
