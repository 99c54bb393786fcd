import { OssError } from './errors.js';

/** Percent-encoding of RFC 3986: everything but letters, digits and `-._~`. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function encodePath(path: string): string {
  return path.split('/').map(encodeStrictly).join('/');
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OssError('InvalidURI', `Couldn't parse the specified URI: ${text}`);
  }
}
