import { OssError } from '../http/errors.js';
import { type Credentials, isSame } from './credentials.js';

/** Refuses with everything a client needs to find its own mistake, as OSS does. */
export function checkSignature(
  given: string,
  expected: string,
  signed: { credentials: Credentials; stringToSign: string; canonicalRequest?: string; ec: string },
): void {
  if (isSame(given, expected)) return;
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  throw new OssError('SignatureDoesNotMatch', message, signed.ec, {
    OSSAccessKeyId: signed.credentials.accessKeyId,
    SignatureProvided: given,
    StringToSign: signed.stringToSign,
    ...(signed.canonicalRequest && { CanonicalRequest: signed.canonicalRequest }),
  });
}
