import type { Metadata } from 'sharp';
import type { FileBytes } from './bytes.js';

interface Chunk {
  type: string;
  /** Where its data begins. */
  start: number;
  length: number;
}

/** The chunks that are there whole, up to IEND (PNG 5.3: length, type, data, CRC). */
export function* pngChunks(bytes: FileBytes): Generator<Chunk> {
  for (let at = 8; at < bytes.size; ) {
    const length = bytes.number(at, 4);
    const end = at + 12 + length;
    if (!(end <= bytes.size)) return;
    const type = bytes.text(at + 4, 4);
    yield { type, start: at + 8, length };
    if (type === 'IEND') return;
    at = end;
  }
}

/** So much of a chunk is looked at; in XMP a place is told of early. */
const MOST_BYTES = 1024 ** 2;
const XMP_KEYWORD = 'XML:com.adobe.xmp\0';

/** What stands behind the pixels, where ExifTool and others write it and libvips does not look. */
export function metadataBehindPixels(bytes: FileBytes): Pick<Metadata, 'exif' | 'xmp' | 'comments'> {
  const found: Pick<Metadata, 'exif' | 'xmp' | 'comments'> = {};
  let behind = false;
  for (const { type, start, length } of pngChunks(bytes)) {
    behind ||= type === 'IDAT';
    if (!behind) continue;
    const data = () => bytes.slice(start, Math.min(length, MOST_BYTES));
    if (type === 'eXIf') found.exif ??= data();
    else if (type === 'iTXt' && bytes.text(start, XMP_KEYWORD.length) === XMP_KEYWORD) found.xmp ??= data();
    else if (['tEXt', 'zTXt', 'iTXt'].includes(type)) found.comments ??= [];
  }
  return found;
}
