import { OssError } from '../http/errors.js';
import { maxSkewMs, parseDateTime } from './clock.js';
import { type Credentials, checkCredential, checkSecurityToken } from './credentials.js';
import { required } from './required.js';
import { checkSignature } from './signature.js';
import { v1Refused } from './v1-refused.js';
import { algorithm, signV4 } from './v4.js';

/** A form expires at most seven days after its `x-oss-date`, even if its policy allows more. */
const maxAgeMs = 7 * 24 * 60 * 60 * 1000;

/** Verifies the signature of a form's policy; `checkPolicy` checks its conditions. @throws OssError */
export function verifyPostSignature(
  fields: ReadonlyMap<string, string>,
  credentials: Credentials,
  now: number,
): void {
  if (fields.has('ossaccesskeyid') || fields.has('signature')) throw v1Refused();
  const policy = fields.get('policy');
  // A form without a policy is anonymous, and anonymous writes are never allowed.
  if (!policy) {
    const message = 'Anonymous access is forbidden for this operation.';
    throw new OssError('AccessDenied', message, '0002-00000702');
  }
  if (fields.get('x-oss-signature-version') !== algorithm) {
    throw new OssError('InvalidArgument', `x-oss-signature-version must be ${algorithm}.`, '0002-00000701');
  }
  const signature = required(fields, 'x-oss-signature', '0002-00000703');
  const { date, key } = checkCredential(
    required(fields, 'x-oss-credential', '0002-00000710'),
    credentials,
    '0002-00000710',
  );
  const dateTime = required(fields, 'x-oss-date', '0002-00000503');
  const time = parseDateTime(dateTime);
  if (now < time - maxSkewMs)
    throw new OssError('AccessDenied', 'The form is not valid yet.', '0002-00000235');
  if (now > time + maxAgeMs) throw new OssError('AccessDenied', 'The form has expired.', '0002-00000236');
  if (!dateTime.startsWith(date)) {
    throw new OssError(
      'InvalidArgument',
      'x-oss-date and x-oss-credential have different dates.',
      '0002-00000710',
    );
  }
  checkSecurityToken(fields.get('x-oss-security-token'), key, now);
  const expected = signV4(key.accessKeySecret, dateTime, key.region, policy);
  checkSignature(signature, expected, { credentials: key, stringToSign: policy, ec: '0002-00000201' });
}
