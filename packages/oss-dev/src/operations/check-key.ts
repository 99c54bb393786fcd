import { OssError } from '../http/errors.js';

/** An object key has 1–1023 bytes of UTF-8 and does not begin with a slash or backslash. @throws OssError */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes === 0) throw new OssError('InvalidObjectName', 'The object name can not be empty.');
  if (bytes > 1023)
    throw new OssError('InvalidObjectName', 'The length of the object name must be less than 1024.');
  if (/^[/\\]/.test(key)) throw new OssError('InvalidObjectName', 'The specified object is not valid.');
}
