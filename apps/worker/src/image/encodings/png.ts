import type { PngCoding } from '../container/png-coding.js';
import type { Strip } from '../frames.js';
import { isCheap } from './affordable-level.js';
import { flatness, type Indexed, indexColours, toGrey } from './content.js';
import { LIBDEFLATE_BYTES } from './deflate.js';
import type { Encodings, Task } from './encoding.js';
import { indexedRows, rowsLikePalette } from './palette-rows.js';
import { MAX_REPEATED_BYTES, type PngRows, plainRows } from './png-rows.js';
import { isSmall } from './quality.js';
import { searchRows } from './search-rows.js';
import { HIGHEST_VIPS_LEVEL, pngEncoding, VIPS_LEVEL, vipsPng } from './vips-png.js';
import { addXmp } from './xmp.js';

/** Below this flatness, filtering saves a third; above, it enlarges the file (measured on 650 images). */
const FLAT = 0.6;
/** As many grey levels as fit in four bits. */
const FEW_GREYS = 16;
/** For filtered photographs, level 6 takes twice the time of this level, and saves 3 %. */
const SCALED_LEVEL = 5;
/** Rows of more bytes are not compressed both without filters and with them: each takes up to two seconds for a million bytes. */
const FEW_BYTES = 1_000_000;

/** Every encoding of a strip has the same pixels. */
export async function* encodePng(task: Task): Encodings {
  const strip = await task.picture.strip();
  if (strip === null) {
    const { width, height } = task.size;
    // A wide gamut cannot be sampled.
    const level = isCheap(width * height * 4) ? vipsLevelOf(task) : VIPS_LEVEL;
    const data = await (await task.picture.open()).png({ compressionLevel: level }).toBuffer();
    yield pngEncoding(`png level ${level}`, data);
    return;
  }
  for await (const each of encodingsOf(task, strip)) yield { ...each, data: addXmp(each.data, task.xmp) };
}

const vipsLevelOf = ({ variant }: Task) => (isSmall(variant) ? HIGHEST_VIPS_LEVEL : VIPS_LEVEL);

async function* encodingsOf(task: Task, strip: Strip): Encodings {
  // Only a source of the same pixels shows how to compress them.
  const coding = task.isUnscaled ? task.source.png : null;
  const palette = coding?.palette ?? null;
  const indexed = indexColours(strip);
  const grey = toGrey(strip);
  if (indexed !== null && (grey === null || palette !== null || indexed.colours.length <= FEW_GREYS)) {
    yield* indexedPngs(task, indexed, coding);
    // Where no palette matches a palette, neither does truecolour.
    if (palette !== null) return;
  }
  const kept = grey ?? strip;
  const isFlat = flatness(strip) >= FLAT;
  if (coding !== null) yield* pngsLikeSource(task, kept, coding, isFlat);
  else yield await vipsPng(kept, isFlat || isSmall(task.variant) ? vipsLevelOf(task) : SCALED_LEVEL, !isFlat);
}

/** Palettes compress best in few bits without filters, unless the source proves otherwise. */
async function* indexedPngs(task: Task, indexed: Indexed, coding: PngCoding | null): Encodings {
  const { size } = task;
  const shallow = indexedRows(size, indexed);
  const rows = coding === null || coding.palette === null ? shallow : rowsLikePalette(size, indexed, coding);
  const unfiltered = searchRows(task, rows, null);
  yield* firstOf(isSameLayout(rows, shallow) ? unfiltered : searchRows(task, shallow, null));
  const filters = coding !== null && isRepeatable(rows, coding) ? coding.filters() : null;
  const isUnfiltered = filters === null || !isMostlyFiltered(filters);
  if (isUnfiltered) yield* unfiltered;
  if (filters !== null && (!isUnfiltered || isWorthBoth(rows, filters)))
    yield* searchRows(task, rows, filters);
}

/** The rows of the source show whether filters pay, and which ones. */
async function* pngsLikeSource(task: Task, strip: Strip, coding: PngCoding, isFlat: boolean): Encodings {
  const rows = plainRows(strip, coding.type);
  const unfiltered =
    rows.bytes.length <= LIBDEFLATE_BYTES ? searchRows(task, rows, null) : plain(task, strip);
  if (isFlat) yield* firstOf(unfiltered);
  const filters = coding.filters();
  const repeated = isRepeatable(rows, coding) ? filters : null;
  const isUnfiltered = filters === null ? isFlat : !isMostlyFiltered(filters);
  // An optimizer that left most rows unfiltered has tried filters.
  const mayFiltersPay = isUnfiltered ? !isFlat && !task.source.isOptimized : repeated === null;
  if (mayFiltersPay) yield await vipsPng(strip, vipsLevelOf(task), true);
  if (isUnfiltered) yield* unfiltered;
  if (repeated !== null && (!isUnfiltered || isWorthBoth(rows, repeated)))
    yield* searchRows(task, rows, repeated);
}

async function* plain(task: Task, strip: Strip): Encodings {
  yield await vipsPng(strip, vipsLevelOf(task), false);
}

async function* firstOf(encodings: Encodings): Encodings {
  const { value } = await encodings.next();
  if (value !== undefined) yield value;
}

const isSameLayout = (a: Layout, b: Layout) => a.type === b.type && a.depth === b.depth;
type Layout = Pick<PngCoding, 'type' | 'depth'>;

const isRepeatable = (rows: PngRows, coding: PngCoding) =>
  isSameLayout(rows, coding) && rows.bytes.length <= MAX_REPEATED_BYTES;

/** With fewer filtered rows, nearly all images compress better without filters. */
const isMostlyFiltered = (filters: Uint8Array) =>
  filters.filter((filter) => filter > 0).length * 2 > filters.length;

/** Whether rows are compressed with the filters of the source, too, after they were without. */
const isWorthBoth = ({ bytes }: PngRows, filters: Uint8Array) =>
  bytes.length <= FEW_BYTES && filters.some((filter) => filter > 0);
