import type { ImageFormat } from '@pixdock/contract/media-type';
import type { FileBytes } from './bytes.js';
import { findEntry, tiffNumber } from './exif-directory.js';
import { gifBlocks } from './gif.js';
import { jpegSegments } from './jpeg-segments.js';
import { isTextChunk, pngChunks } from './png.js';

/** Metadata found in the container; libvips reports only part of it. */
export interface EmbeddedMetadata {
  kinds: Set<'exif' | 'xmp' | 'comments'>;
  /** Whether EXIF or XMP contains a GPS location. */
  hasLocation: boolean;
}

interface MetadataBlock {
  kind: 'exif' | 'xmp' | 'comments';
  start: number;
  length: number;
}

/** Search limit for each block. XMP stores the location near its start. */
const MAX_SEARCH_BYTES = 1024 ** 2;
/** GPS properties of XMP's exif namespace (XMP part 2, 3.2) and the variants that tools write. */
const XMP_GPS = /GPS(?:Latitude|Longitude|Position|Coordinates)/;

export function findMetadata(bytes: FileBytes, format: ImageFormat): EmbeddedMetadata {
  const embedded: EmbeddedMetadata = { kinds: new Set(), hasLocation: false };
  for (const { kind, start, length } of READERS[format]?.(bytes) ?? []) {
    embedded.kinds.add(kind);
    if (kind !== 'comments' && !embedded.hasLocation)
      embedded.hasLocation = hasLocation(kind, bytes.slice(start, Math.min(length, MAX_SEARCH_BYTES)));
  }
  return embedded;
}

export function hasLocation(kind: 'exif' | 'xmp', data: Buffer): boolean {
  return kind === 'exif' ? hasGps(data) : XMP_GPS.test(data.toString());
}

const READERS: Partial<Record<ImageFormat, (bytes: FileBytes) => Generator<MetadataBlock>>> = {
  jpeg: jpegMetadata,
  png: pngMetadata,
  gif: gifMetadata,
};

/** The signature of a standard packet in APP1 (XMP part 3, 1.1.3). */
export const XMP_SIGNATURE = 'http://ns.adobe.com/xap/1.0/\0';

function* jpegMetadata(bytes: FileBytes): Generator<MetadataBlock> {
  for (const { marker, start, length } of jpegSegments(bytes)) {
    const begins = (text: string) => bytes.text(start, text.length) === text;
    if (marker === 0xfe) yield { kind: 'comments', start, length };
    else if (marker === 0xe1 && begins('Exif\0\0')) yield { kind: 'exif', start, length };
    else if (marker === 0xe1 && begins(XMP_SIGNATURE)) yield { kind: 'xmp', start, length };
  }
}

const XMP_KEYWORD = 'XML:com.adobe.xmp\0';

// ExifTool and others write metadata after the pixels, so read all chunks.
function* pngMetadata(bytes: FileBytes): Generator<MetadataBlock> {
  for (const chunk of pngChunks(bytes)) {
    const { type, start, length } = chunk;
    if (type === 'eXIf') yield { kind: 'exif', start, length };
    else if (type === 'iTXt' && bytes.text(start, XMP_KEYWORD.length) === XMP_KEYWORD)
      yield { kind: 'xmp', start, length };
    else if (isTextChunk(chunk)) yield { kind: 'comments', start, length };
  }
}

const COMMENT = 0xfe;
/** The application block before the XMP packet, which is not split into sub-blocks (XMP part 3, 1.1.2). */
export const XMP_APPLICATION = '\x0bXMP DataXMP';

function* gifMetadata(bytes: FileBytes): Generator<MetadataBlock> {
  for (const { type, at, next } of gifBlocks(bytes)) {
    if (type !== 'extension') continue;
    const start = at + 2;
    if (bytes.at(at + 1) === COMMENT) yield { kind: 'comments', start, length: 0 };
    else if (bytes.text(start, XMP_APPLICATION.length) === XMP_APPLICATION)
      yield { kind: 'xmp', start, length: (next ?? bytes.size) - start };
  }
}

const GPS_INFO = 0x8825;

/** Whether the first directory of an EXIF block points to a non-empty GPS directory (EXIF 2.32 4.6.3). */
function hasGps(exif: Buffer): boolean {
  const entry = findEntry(exif, GPS_INFO);
  return entry !== null && tiffNumber(entry.tiff, entry.value, 2) > 0;
}
