import { chunk } from '../colour/png-profile.js';

/** A PNG chunk with XMP (XMP part 3, 1.1.5): keyword, not compressed, no language. */
export function xmpChunks(xmp: string | null): Buffer[] {
  if (xmp === null) return [];
  return [
    chunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), Buffer.from(xmp)])),
  ];
}

export const xmpBytes = (xmp: string | null) => (xmp === null ? 0 : Buffer.byteLength(xmp));
