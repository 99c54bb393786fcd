import { timingSafeEqual } from 'node:crypto';
import { OssError } from '../http/errors.js';
import { findTemporaryKey } from './temporary-key.js';

/** An accepted key pair; with a `securityToken` it is a temporary STS key. */
export type Credentials = {
  region: string;
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string | undefined;
  /** Unix milliseconds; undefined: never. */
  expiresAt?: number;
  /** Accepts the keys of `issueTemporaryKey` as well. */
  issuesTemporaryKeys?: boolean;
};

export function checkAccessKeyId(accessKeyId: string, credentials: Credentials): void {
  if (!isSame(accessKeyId, credentials.accessKeyId)) throw unknownKey('0002-00000902', accessKeyId);
}

/** A temporary key requires its token, and a token is only valid with its own key. OSS does not know a permanent key as one of STS. */
export function checkSecurityToken(token: string | undefined, credentials: Credentials, now: number): void {
  const { securityToken, accessKeyId, expiresAt = Number.POSITIVE_INFINITY } = credentials;
  if (securityToken && !token) throw unknownKey('0002-00000003', accessKeyId);
  if (token && !securityToken) throw unknownKey('0002-00000002', accessKeyId);
  if (token && !isSame(token, securityToken ?? '')) {
    throw new OssError(
      'InvalidSecurityToken',
      'The security token you provided is invalid.',
      '0002-00000008',
    );
  }
  if (now >= expiresAt) {
    throw new OssError('SecurityTokenExpired', 'The security token you provided has expired.');
  }
}

/** Checks `AccessKeyId/date/region/oss/aliyun_v4_request` and returns its date and the key that it names. */
export function checkCredential(
  credential: string,
  credentials: Credentials,
  ec: string,
): { date: string; key: Credentials } {
  const [accessKeyId = '', date = '', region, product, suffix, ...more] = credential.split('/');
  if (suffix !== 'aliyun_v4_request' || more.length > 0 || !/^\d{8}$/.test(date)) {
    throw new OssError('InvalidArgument', 'Invalid Credential in the signature.', ec);
  }
  const key = findTemporaryKey(accessKeyId, credentials) ?? credentials;
  checkAccessKeyId(accessKeyId, key);
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
  return { date, key };
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
