import { OssError } from '../http/errors.js';

/** The error that OSS returns to new users and for new buckets since 2025. */
export function v1Refused(): OssError {
  const message = 'The V1 signature is no longer supported; sign with V4 (ali-oss: authorizationV4: true).';
  return new OssError('AccessDenied', message, '0002-00000080');
}
