import { OssError } from '../http/errors.js';
import type { Received } from '../store/receive.js';

/** Returns a check of received bytes against a Content-MD5 (base64); without one, the check always passes. */
export function digestCheck(contentMd5: string | undefined): (received: Pick<Received, 'md5'>) => void {
  if (contentMd5 === undefined) return () => {};
  const expected = Buffer.from(contentMd5, 'base64');
  if (expected.length !== 16) {
    throw new OssError('InvalidDigest', 'The Content-MD5 you specified is invalid.', '0017-00000502');
  }
  return ({ md5 }) => {
    if (expected.toString('hex').toUpperCase() === md5) return;
    const message = 'The Content-MD5 you specified did not match what we received.';
    throw new OssError('InvalidDigest', message, '0017-00000503');
  };
}
