import type { FileBytes } from './bytes.js';
import {
  alphaOf,
  auxiliaryTypes,
  boxesIn,
  itemPixels,
  itemProperties,
  itemsOf,
  primaryOf,
  tilesOf,
} from './heif.js';

/** The coded items of a HEIC image: the tiles of its primary item and of its alpha plane, or these items themselves. */
export interface HeicParts {
  /** Type of the coded items; the first other than `hvc1`, if one differs. */
  coding: string;
  /** Number of coded items to decode; a grid may repeat an item. */
  tiles: number;
  /** Sum of their pixels; NaN if an item lacks a size. */
  codedPixels: number;
}

/** Returns null without a primary item, for example for a file with only a sequence. */
export function readHeicParts(bytes: FileBytes): HeicParts | null {
  const types = new Map<number, string>();
  for (const { id, type } of itemsOf(bytes)) types.set(id, type);
  const [primary, alpha] = [primaryOf(bytes), alphaOf(bytes)];
  if (!types.has(primary)) return null;
  const shown = alpha === null ? [primary] : [primary, alpha];
  const coded = shown.flatMap((id) => (types.get(id) === 'grid' ? tilesOf(bytes, id) : [id]));
  const pixels = itemPixels(bytes);
  return {
    coding: coded.map((id) => types.get(id) ?? 'nothing').find((type) => type !== 'hvc1') ?? 'hvc1',
    tiles: coded.length,
    codedPixels: coded.reduce((sum, id) => sum + (pixels.get(id) ?? Number.NaN), 0),
  };
}

/**
 * A copy of the file in which only the primary item is not hidden. heif-dec decodes every visible image, such as those of a
 * burst, and names several outputs differently from one.
 */
export function hideOthers(bytes: FileBytes): Buffer {
  const copy = bytes.slice(0, bytes.size);
  const primary = primaryOf(bytes);
  for (const { id, flagsAt } of itemsOf(bytes))
    copy.writeUInt8((copy.readUInt8(flagsAt) & 0xfe) | (id === primary ? 0 : 1), flagsAt);
  return copy;
}

const DEPTH = ['urn:mpeg:mpegB:cicp:systems:auxiliary:depth', 'urn:mpeg:hevc:2015:auxid:2'];

/** The parts that no output keeps: a depth map, the video of a motion photo. */
export function furtherParts(bytes: FileBytes): string[] {
  const hasDepth = auxiliaryTypes(bytes, itemProperties(bytes)).some((type) => DEPTH.includes(type));
  const hasMotion = boxesOf(bytes, { start: 0, end: bytes.size }, 'mpvd').length > 0;
  return [...(hasDepth ? ['depth'] : []), ...(hasMotion ? ['motion'] : [])];
}

const SAMPLE_TABLE = ['mdia', 'minf', 'stbl', 'stsz'];
const SAMPLE_COUNT_AT = 8;

/** Number of images in the longest sequence; 1 without a sequence (ISO/IEC 14496-12 8.7.3). */
export function countSequence(bytes: FileBytes): number {
  const tables = ['trak', ...SAMPLE_TABLE].reduce(
    (parents, type) => parents.flatMap((parent) => boxesOf(bytes, parent, type)),
    boxesOf(bytes, { start: 0, end: bytes.size }, 'moov'),
  );
  const countOf = ({ start }: { start: number }) => bytes.number(start + SAMPLE_COUNT_AT, 4) || 1;
  // A file may have a million tables, more than Math.max takes arguments.
  const most = tables.reduce((count, table) => Math.max(count, countOf(table)), 1);
  return Math.min(most, bytes.size);
}

export const hasSequence = (bytes: FileBytes) =>
  boxesOf(bytes, { start: 0, end: bytes.size }, 'moov').length > 0;

const boxesOf = (bytes: FileBytes, parent: { start: number; end: number }, wanted: string) =>
  [...boxesIn(bytes, parent)].filter(({ type }) => type === wanted);
