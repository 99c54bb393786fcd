import type { ImageFormat } from '@pixdock/contract/media-type';
import type { FileBytes } from './bytes.js';
import { gifBlocks } from './gif.js';
import { hasGps } from './gps.js';
import { jpegSegments } from './jpeg-segments.js';
import { pngChunks } from './png.js';

/** What a file carries besides pixels, found in its container, of which libvips tells but a part. */
export interface Carried {
  kinds: Set<'exif' | 'xmp' | 'comments'>;
  /** Whether some of it says where the picture was taken. */
  hasPlace: boolean;
}

interface Piece {
  kind: 'exif' | 'xmp' | 'comments';
  start: number;
  length: number;
}

/** So much of a piece is looked at; in XMP a place is told of early. */
const MOST_BYTES = 1024 ** 2;
/** The properties of XMP's exif namespace (XMP part 2, 3.2), and what tools make of them. */
const PLACE_IN_XMP = /GPS(?:Latitude|Longitude|Position|Coordinates)/;

export function carriedIn(bytes: FileBytes, format: ImageFormat): Carried {
  const carried: Carried = { kinds: new Set(), hasPlace: false };
  for (const { kind, start, length } of PIECES[format]?.(bytes) ?? []) {
    carried.kinds.add(kind);
    if (kind !== 'comments' && !carried.hasPlace)
      carried.hasPlace = hasPlace(kind, bytes.slice(start, Math.min(length, MOST_BYTES)));
  }
  return carried;
}

export function hasPlace(kind: 'exif' | 'xmp', data: Buffer): boolean {
  return kind === 'exif' ? hasGps(data) : PLACE_IN_XMP.test(data.toString());
}

const PIECES: Partial<Record<ImageFormat, (bytes: FileBytes) => Generator<Piece>>> = {
  jpeg: jpegPieces,
  png: pngPieces,
  gif: gifPieces,
};

const XMP_SIGNATURE = 'http://ns.adobe.com/xap/1.0/\0';

function* jpegPieces(bytes: FileBytes): Generator<Piece> {
  for (const { marker, start, length } of jpegSegments(bytes)) {
    const begins = (text: string) => bytes.text(start, text.length) === text;
    if (marker === 0xfe) yield { kind: 'comments', start, length };
    else if (marker === 0xe1 && begins('Exif\0\0')) yield { kind: 'exif', start, length };
    else if (marker === 0xe1 && begins(XMP_SIGNATURE)) yield { kind: 'xmp', start, length };
  }
}

const XMP_KEYWORD = 'XML:com.adobe.xmp\0';

// Also behind the pixels, where ExifTool and others write it.
function* pngPieces(bytes: FileBytes): Generator<Piece> {
  for (const { type, start, length } of pngChunks(bytes)) {
    if (type === 'eXIf') yield { kind: 'exif', start, length };
    else if (type === 'iTXt' && bytes.text(start, XMP_KEYWORD.length) === XMP_KEYWORD)
      yield { kind: 'xmp', start, length };
    else if (['tEXt', 'zTXt', 'iTXt'].includes(type)) yield { kind: 'comments', start, length };
  }
}

const COMMENT = 0xfe;
/** The size and name of the block before the packet, which is no sub-blocks (XMP part 3, 1.1.2). */
const XMP_APPLICATION = '\x0bXMP DataXMP';

function* gifPieces(bytes: FileBytes): Generator<Piece> {
  for (const { type, at } of gifBlocks(bytes)) {
    if (type !== 'extension') continue;
    const start = at + 2;
    if (bytes.at(at + 1) === COMMENT) yield { kind: 'comments', start, length: 0 };
    else if (bytes.text(start, XMP_APPLICATION.length) === XMP_APPLICATION)
      yield { kind: 'xmp', start, length: MOST_BYTES };
  }
}
