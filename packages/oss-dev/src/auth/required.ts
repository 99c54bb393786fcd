import { OssError } from '../http/errors.js';

/** A part of a signature. @throws OssError if it is missing or empty */
export function required(fields: ReadonlyMap<string, string>, name: string, ec: string): string {
  const value = fields.get(name);
  if (value) return value;
  throw new OssError('InvalidArgument', `${name} is missing from the request.`, ec);
}
