import type { PngRows } from '../container/png-rows.js';
import type { Strip } from '../frames.js';
import { cpuMs, isCheap } from './affordable-level.js';
import { flatness, indexColours, toGrey } from './content.js';
import type { Encoding, Encodings, Task } from './encoding.js';
import { optimizePng } from './oxipng.js';
import { LEVELS, palettePng, plainPng, pngEncoding, pngLikeSource } from './png-at-level.js';
import { isSmall } from './quality.js';
import { addXmp } from './xmp.js';

/** Below this flatness, filtering saves a third; above, it enlarges the file (measured on 650 images). */
const FLAT = 0.6;
/** As many grey levels as fit in four bits. */
const FEW_GREYS = 16;
const SMALL_LEVELS = [9] as const;
/** For filtered photographs, level 6 takes twice the time of this level, and saves 3 %. */
const SCALED_LEVEL = 5;

/** Images of so few pixels cost little in every way. */
const ICON_PIXELS = 32_000;

/**
 * Levels for rows that are filtered like the source's, up to a number of pixels: 0.15, 0.4 and up to 2.6 µs per pixel. Each
 * saves up to 6 % more (measured on 120 PNGs).
 */
const REPEATED = { levels: [5, 7, 9], maxPixels: 1_000_000, gain: 1.16 };

/**
 * oxipng's level 2 takes up to 2.6 µs per pixel, 30 times as long as all the rest, and saves 5 to 9 % where the source comes
 * from a better deflate than zlib. Level 4 saves 2 % more and takes four times as long. Each row costs as much as some hundred
 * pixels, so that a narrow image is slow.
 */
const SECOND = {
  level: 2,
  gain: 1.095,
  iconGain: Number.POSITIVE_INFINITY,
  maxPixels: 650_000,
  maxRows: 2000,
};
const FOURTH = { level: 4, gain: 1.02, iconGain: 1.02, maxPixels: ICON_PIXELS, maxRows: 300 };
/** Of a palette, level 1 takes two thirds of the time of level 2 and is enough for most. */
const FIRST = { ...SECOND, level: 1 };

/**
 * A level can take this many times as long as the one before it, and up to 2.1 µs per byte: where short sequences repeat, as in
 * noise of two values. It is not tried where it could take longer, so that no image occupies a decoder for a minute.
 */
const SLOWEST = { factor: 20, cpuMs: 8000 };

/** An image of so few bits per pixel, such as a flag, takes a tenth of the time, so that it may be larger by this factor. */
const SPARSE = { bits: 0.1, factor: 2 };

/** Every encoding of a strip has the same pixels. */
export async function* encodePng(task: Task): Encodings {
  const strip = await task.picture.strip();
  if (strip === null) {
    const { width, height } = task.size;
    // A wide gamut cannot be sampled.
    const [level] = isCheap(width * height * 4) ? levelsOf(task) : LEVELS;
    const data = await (await task.picture.open()).png({ compressionLevel: level }).toBuffer();
    yield pngEncoding(`png level ${level}`, data);
    return;
  }
  let best: Encoding | null = null;
  const isBest = (one: Encoding) => best === null || one.data.length < best.data.length;
  for await (const each of plainPngs(task, strip)) {
    yield withXmp(each, task.xmp);
    if (isBest(each)) best = each;
  }
  for (const search of searchesOf(task)) {
    if (best === null || !isPromising(search, best, strip, task.enough)) continue;
    const found = pngEncoding(`oxipng level ${search.level}`, optimizePng(best.data, search.level));
    yield withXmp(found, task.xmp);
    if (isBest(found)) best = found;
  }
}

function searchesOf(task: Task): (typeof SECOND)[] {
  if (!isMatched(task)) return [];
  return task.source.hasPalette ? [FIRST, SECOND, FOURTH] : [SECOND, FOURTH];
}

/** Whether a search takes a bounded time and is likely to be enough. */
function isPromising(
  { gain, iconGain, maxPixels, maxRows }: typeof SECOND,
  best: Encoding,
  strip: Strip,
  enough: number,
): boolean {
  const isSparse = best.data.length * 8 < SPARSE.bits * pixelsOf(strip);
  if (pixelsOf(strip) > (isSparse ? maxPixels * SPARSE.factor : maxPixels)) return false;
  return strip.size.height <= maxRows && best.data.length <= enough * (isIcon(strip) ? iconGain : gain);
}

const withXmp = (one: Encoding, xmp: string | null): Encoding => ({ ...one, data: addXmp(one.data, xmp) });

const levelsOf = ({ variant }: Task) => (isSmall(variant) ? SMALL_LEVELS : LEVELS);

/** Only a source of the same pixels may have been optimized in the same way. */
const isMatched = ({ source, isUnscaled }: Task) => source.format === 'png' && isUnscaled;

const pixelsOf = ({ size }: Strip) => size.width * size.height;
const isIcon = (strip: Strip) => pixelsOf(strip) <= ICON_PIXELS;

async function* plainPngs(task: Task, strip: Strip): Encodings {
  const levels = levelsOf(task);
  const indexed = indexColours(strip);
  const grey = toGrey(strip);
  const kept = grey ?? strip;
  const hadPalette = isMatched(task) && task.source.hasPalette;
  if (indexed !== null && (grey === null || hadPalette || indexed.colours.length <= FEW_GREYS)) {
    yield* byLevel(levels, (level) => palettePng(strip, indexed, level));
    // Where no palette matches a palette, neither does truecolour.
    if (hadPalette) return;
  }
  const isFlat = flatness(strip) >= FLAT;
  if (isMatched(task)) yield* likeSource(task, kept, isFlat);
  else yield plainPng(kept, isFlat || isSmall(task.variant) ? levels[0] : SCALED_LEVEL, !isFlat);
}

/** The rows of the source show whether filters pay, and which ones. */
async function* likeSource(task: Task, strip: Strip, isFlat: boolean): Encodings {
  const levels = levelsOf(task);
  const unfiltered = byLevel(levels, (level) => plainPng(strip, level, false));
  if (isFlat) {
    const { value } = await unfiltered.next();
    if (value !== undefined) yield value;
  }
  const rows = task.source.rows();
  if (rows === null ? !isFlat : isFiltered(rows)) {
    yield* filtered(task, strip, rows);
    return;
  }
  // An optimizer that left the rows unfiltered has tried filters.
  if (!isFlat && !task.source.isOptimized) yield plainPng(strip, levels[0], true);
  yield* unfiltered;
}

/** Whether more than half of the rows are filtered: with fewer, they compress better without. */
const isFiltered = ({ filters }: PngRows) =>
  filters.filter((filter) => filter > 0).length * 2 > filters.length;

async function* filtered(task: Task, strip: Strip, rows: PngRows | null): Encodings {
  if (pixelsOf(strip) > REPEATED.maxPixels) {
    yield plainPng(strip, levelsOf(task)[0], true);
    return;
  }
  if (rows === null || rows.channels !== strip.channels) {
    yield* byLevel(levelsOf(task), (level) => plainPng(strip, level, true));
    return;
  }
  const levels = isSmall(task.variant) ? SMALL_LEVELS : REPEATED.levels;
  for await (const each of byLevel(levels, (level) => pngLikeSource(strip, rows.filters, level))) {
    yield each;
    if (!isIcon(strip) && each.data.length > task.enough * REPEATED.gain) return;
  }
}

/** Encodes at one level after the other, as long as the next one takes a bounded time. */
async function* byLevel(
  levels: readonly number[],
  encode: (level: number) => Encoding | Promise<Encoding>,
): Encodings {
  for (const level of levels) {
    const begun = cpuMs();
    const made = await encode(level);
    const tookMs = cpuMs() - begun;
    yield made;
    if (tookMs * SLOWEST.factor > SLOWEST.cpuMs) return;
  }
}
