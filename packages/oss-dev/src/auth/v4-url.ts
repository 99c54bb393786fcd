import { OssError } from '../http/errors.js';
import type { OssRequest } from '../http/request.js';
import { maxSkewMs, parseDateTime } from './clock.js';
import { type Credentials, checkCredential, checkSecurityToken } from './credentials.js';
import { required } from './required.js';
import { algorithm, checkV4Signature } from './v4.js';
import { readAdditionalHeaders } from './v4-header.js';

/** Seven days, in seconds. */
const maxExpires = 604_800;

/** Verifies a presigned URL: its signature covers the query without `x-oss-signature`. @throws OssError */
export function verifyV4Url(request: OssRequest, credentials: Credentials): void {
  const { query } = request;
  if (query.get('x-oss-signature-version') !== algorithm) {
    throw new OssError('InvalidArgument', `x-oss-signature-version must be ${algorithm}.`, '0002-00000066');
  }
  const { date, key } = checkCredential(
    required(query, 'x-oss-credential', '0002-00000217'),
    credentials,
    '0002-00000224',
  );
  const signature = required(query, 'x-oss-signature', '0002-00000219');
  const dateTime = required(query, 'x-oss-date', '0002-00000503');
  checkValidity(parseDateTime(dateTime), query.get('x-oss-expires') ?? '', request.now);
  if (!dateTime.startsWith(date)) {
    throw new OssError(
      'InvalidArgument',
      'x-oss-date and x-oss-credential have different dates.',
      '0002-00000224',
    );
  }
  checkSecurityToken(query.get('x-oss-security-token'), key, request.now);

  const signed = new Map([...query].filter(([name]) => name !== 'x-oss-signature'));
  const additionalHeaders = readAdditionalHeaders(query.get('x-oss-additional-headers'), request);
  checkV4Signature(signature, { ...request, query: signed, additionalHeaders }, dateTime, key);
}

function checkValidity(time: number, expires: string, now: number): void {
  const seconds = /^\d+$/.test(expires) ? Number(expires) : 0;
  if (seconds < 1 || seconds > maxExpires) {
    throw new OssError(
      'InvalidArgument',
      `x-oss-expires must be from 1 to ${maxExpires} seconds.`,
      '0002-00000232',
    );
  }
  if (now < time - maxSkewMs)
    throw new OssError('AccessDenied', 'The request is not valid yet.', '0002-00000235');
  if (now > time + seconds * 1000)
    throw new OssError('AccessDenied', 'Request has expired.', '0002-00000236');
}
