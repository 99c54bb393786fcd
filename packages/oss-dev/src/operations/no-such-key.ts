import { OssError } from '../http/errors.js';

export function noSuchKey(key: string): OssError {
  return new OssError('NoSuchKey', 'The specified key does not exist.', '0026-00000001', { Key: key });
}
