import { OssError } from '../http/errors.js';
import { type Credentials, isSame } from './credentials.js';

/** Compares signatures. The error contains everything a client needs to find its mistake, as that of OSS does. */
export function checkSignature(
  signature: string,
  expected: string,
  signed: { credentials: Credentials; stringToSign: string; canonicalRequest?: string; ec: string },
): void {
  if (isSame(signature, expected)) return;
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  throw new OssError('SignatureDoesNotMatch', message, signed.ec, {
    OSSAccessKeyId: signed.credentials.accessKeyId,
    SignatureProvided: signature,
    StringToSign: signed.stringToSign,
    ...(signed.canonicalRequest && { CanonicalRequest: signed.canonicalRequest }),
  });
}
