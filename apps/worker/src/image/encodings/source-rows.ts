import { deflateSync } from 'node:zlib';
import { zlib } from 'libdeflate';
import sharp from 'sharp';
import { chunk } from '../colour/png-profile.js';
import type { FileBytes } from '../container/bytes.js';
import { type PngRows, readPngRows } from '../container/png-rows.js';
import type { Strip } from '../frames.js';
import { toStrip } from '../to-strip.js';
import { coloursOf } from './content.js';

/** Levels of libdeflate: 6 takes 0.03 µs per byte, 9 takes 0.05 and up to 0.5. */
const [QUICK, THOROUGH] = [6, 9];
/**
 * These search for the smallest stream: 10 takes 0.1 µs per byte and up to 0.5, and 12 takes 0.3 and up to 1. One main in a
 * hundred is larger than `maxGrowth` after level 10: 12 would take a third of the time of all levels for these.
 */
const SEARCHES = [
  { level: 10, maxBytes: 8_400_000, maxGrowth: Number.POSITIVE_INFINITY },
  { level: 12, maxBytes: 4_200_000, maxGrowth: 1.12 },
];
/** libdeflate's memory grows to twice the largest input, and stays. */
const LIBDEFLATE_BYTES = 16_000_000;

/**
 * Writes a PNG with the filtered rows of the source, which result from the search of its encoder. Nothing else is taken over,
 * and nothing that the decoder does not show, except the filter types and the unused bits at the end of a row, at most 7.
 * Compresses them again, more slowly, where the first level does not match an optimizer.
 * @param strip the decoded pixels
 * @yields nothing if the rows do not show these pixels, as after a conversion of colours, or could hide data
 */
export async function* repeatRows(
  source: FileBytes,
  strip: Strip,
  isThorough: boolean,
): AsyncGenerator<{ data: Buffer; encoder: string }, void> {
  const rows = readPngRows(source);
  if (rows === null) return;
  const { filtered, isOptimized } = rows;
  const isLarge = filtered.length > LIBDEFLATE_BYTES;
  const level = !isLarge && (isThorough || isOptimized) ? THOROUGH : QUICK;
  const idat = deflate(filtered, level);
  const { proof, published } = coloursFor(rows, strip);
  if (!(await shows(pngOf(rows, proof, idat), strip))) return;
  const first = pngOf(rows, published, idat);
  yield { data: first, encoder: encoderAt(level) };
  let least = first.length;
  for (const search of SEARCHES) {
    if (filtered.length > search.maxBytes || least > source.size * search.maxGrowth) return;
    const data = pngOf(rows, published, deflate(filtered, search.level));
    yield { data, encoder: encoderAt(search.level) };
    least = Math.min(least, data.length);
  }
}

const deflate = (rows: Buffer, level: number) =>
  chunk(
    'IDAT',
    rows.length > LIBDEFLATE_BYTES ? deflateSync(rows, { level }) : Buffer.from(zlib(rows, level)),
  );

const encoderAt = (level: number) => `png level ${level} with the rows of the source`;

/** Whether the decoder shows exactly these pixels. */
export async function shows(png: Buffer, { pixels, channels }: Strip): Promise<boolean> {
  const image = sharp(png, { limitInputPixels: false });
  const shown = await toStrip(channels === 4 ? image.ensureAlpha() : image, 1).catch(() => null);
  return shown?.pixels.equals(pixels) === true;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function pngOf(
  { width, height, depth, type, isInterlaced }: PngRows,
  colours: readonly Buffer[],
  idat: Buffer,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, Number(isInterlaced)], 8);
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), ...colours, idat, chunk('IEND', Buffer.alloc(0))]);
}

/** Whether a pixel is transparent. Without one, a transparent colour would be data that no viewer shows. */
function hasInvisible({ pixels, channels }: Strip): boolean {
  if (channels !== 4) return false;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] === 0) return true;
  return false;
}

/** tRNS with the bits of each sample that the depth has. */
function transparencyOf({ transparent, depth }: PngRows): Buffer[] {
  if (transparent === null) return [];
  return [chunk('tRNS', Buffer.from(transparent.flatMap((sample) => [0, sample & (2 ** depth - 1)])))];
}

const OPAQUE_BLACK = 0xff000000 | 0;

/**
 * PLTE and tRNS without entries that no pixel shows. Rows could also hide data in indexes of a repeated colour or past the end:
 * in `proof`, these have a colour that the image lacks.
 */
function coloursFor(rows: PngRows, strip: Strip): { proof: readonly Buffer[]; published: readonly Buffer[] } {
  if (rows.palette === null) {
    const chunks = hasInvisible(strip) ? transparencyOf(rows) : [];
    return { proof: chunks, published: chunks };
  }
  const missing = new Set(coloursOf(strip));
  let other = OPAQUE_BLACK;
  while (missing.has(other)) other++;
  const entries = Array.from({ length: 2 ** rows.depth }, (_, i) => rows.palette?.[i] ?? other);
  const used = entries.map((colour) => (missing.delete(colour) ? colour : other));
  const last = used.findLastIndex((colour) => colour !== other);
  return { proof: paletteOf(used), published: paletteOf(used.slice(0, last + 1)) };
}

/** PLTE, and tRNS up to the last colour with alpha. */
function paletteOf(colours: readonly number[]): Buffer[] {
  const palette = Buffer.alloc(colours.length * 3);
  for (const [i, colour] of colours.entries()) palette.writeUIntLE(colour & 0xffffff, i * 3, 3);
  const alphas = colours.map((colour) => colour >>> 24);
  const last = alphas.findLastIndex((alpha) => alpha < 255);
  const chunks = [chunk('PLTE', palette)];
  return last === -1 ? chunks : [...chunks, chunk('tRNS', Buffer.from(alphas.slice(0, last + 1)))];
}
