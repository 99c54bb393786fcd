import { readSequenceColour } from './av1-sequence.js';
import type { FileBytes } from './bytes.js';
import { type CodedItem, itemProperties, type Property, readAlpha, readPrimary } from './heif.js';

/** Colour as H.273 code points, from the container or else from the AV1 data. */
export interface AvifColour {
  primaries: number;
  transfer: number;
  isFullRange: boolean;
  isMonochrome: boolean;
  source: 'nclx' | 'AV1';
}

const UNSPECIFIED = 2;
const BT601 = 6;

/** Longer than the headers before the first tile. */
const HEADER_BYTES = 128;

/** The colour of the primary item; null if the file states none. */
export function readAvifColour(bytes: FileBytes): AvifColour | null {
  const item = readPrimary(bytes);
  return colourOf(bytes, item, readCoded(bytes, item));
}

/** The colour of a HEIC file, from its container only; null if it states none. */
export const readHeicColour = (bytes: FileBytes) => colourOf(bytes, readPrimary(bytes), null);

function colourOf(
  bytes: FileBytes,
  { properties }: CodedItem,
  coded: ReturnType<typeof readCoded>,
): AvifColour | null {
  const nclx = properties.find((property) => isNclx(bytes, property));
  if (nclx === undefined) return coded === null ? null : { ...coded, source: 'AV1' };
  return {
    primaries: bytes.number(nclx.start + 4, 2),
    transfer: bytes.number(nclx.start + 6, 2),
    isFullRange: ((bytes.at(nclx.start + 10) ?? 0) & 0x80) !== 0,
    isMonochrome: coded?.isMonochrome ?? false,
    source: 'nclx',
  };
}

/** Whether the alpha plane has the range of video, 16 to 235 of 255: libheif passes it on, and browsers expand it. */
export function hasLimitedAlpha(bytes: FileBytes): boolean {
  const item = readAlpha(bytes);
  return item !== null && readCoded(bytes, item)?.isFullRange === false;
}

const readCoded = (bytes: FileBytes, { data }: CodedItem) =>
  data === null ? null : readSequenceColour(bytes.slice(data, HEADER_BYTES));

/**
 * Replaces unspecified matrices with BT.601, as browsers do. libheif ignores an nclx property without any code point,
 * although its range applies. Returns null if every matrix is specified.
 */
export function specifyMatrix(bytes: FileBytes): Buffer | null {
  const matrices = [...itemProperties(bytes)]
    .filter((property) => isNclx(bytes, property))
    .map(({ start }) => start + 8)
    .filter((at) => bytes.number(at, 2) === UNSPECIFIED);
  if (matrices.length === 0) return null;
  const copy = bytes.slice(0, bytes.size);
  for (const at of matrices) copy.writeUInt16BE(BT601, at);
  return copy;
}

// ISO/IEC 14496-12 12.1.5.
const isNclx = (bytes: FileBytes, { type, start }: Property) =>
  type === 'colr' && bytes.text(start, 4) === 'nclx';
