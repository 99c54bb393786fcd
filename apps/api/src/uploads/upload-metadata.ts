import { invalid } from '../http/invalid.js';

/** A name, and a value in Base64. */
const PAIR =
  /^\s*([\x21-\x2b\x2d-\x7e]+)(?: ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}={0,2}|[A-Za-z0-9+/]{3}=?)?))?\s*$/;

/** Parses `Upload-Metadata`. @throws PixdockError invalid_request */
export function parseUploadMetadata(header: string | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (header === undefined || header.trim() === '') return values;
  for (const pair of header.split(',')) {
    const [, name, value = ''] = PAIR.exec(pair) ?? [];
    if (name === undefined || values.has(name)) throw invalid('upload-metadata');
    values.set(name, decode(value));
  }
  return values;
}

function decode(base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw invalid('upload-metadata');
  }
}
