import type { PngRows } from '../container/png-rows.js';
import { openStrip, type Strip } from '../frames.js';
import { affordableLevel, cpuMs, isCheap } from './affordable-level.js';
import { flatness, type Indexed, indexColours, toGrey } from './content.js';
import type { Encoding, Encodings, Task } from './encoding.js';
import { filteredPng } from './filtered-png.js';
import { indexedPng } from './indexed-png.js';
import { optimizePng } from './oxipng.js';
import { isSmall } from './quality.js';
import { addXmp } from './xmp.js';

/** Below this flatness, filtering saves a third; above, it enlarges the file (measured on 650 images). */
const FLAT = 0.6;
/** As many grey levels as fit in four bits. */
const FEW_GREYS = 16;
const LEVEL = 6;
const SMALL_LEVEL = 9;
/** For filtered photographs, level 6 takes the time of this level times the factor, and saves 3 %. */
const SCALED = { level: 5, factor: 2 };

/** Images of so few pixels cost little in every way. */
const ICON_PIXELS = 32_000;

/**
 * zlib's levels over rows that are filtered like the source's, up to a number of pixels. Level 7 takes up to 0.4 µs per pixel.
 * Level 9 takes up to 2.6 µs and saves up to 5 % more (measured on 90 PNGs).
 */
const REPEATS = { quick: 7, quickPixels: 1_000_000, slowGain: 1.05, slowPixels: 800_000 };

/**
 * oxipng's level 2 takes up to 2.6 µs per pixel, 30 times as long as all the rest, and saves 5 to 15 % where the source comes
 * from a better deflate than zlib. Level 4 saves 2 % more and takes four times as long. Each row costs as much as some hundred
 * pixels, so that a narrow image is slow.
 */
const SEARCHES = [
  { level: 2, gain: 1.2, iconGain: Number.POSITIVE_INFINITY, maxPixels: 650_000, maxRows: 2000 },
  { level: 4, gain: 1.02, iconGain: 1.02, maxPixels: ICON_PIXELS, maxRows: 300 },
];

/**
 * zlib's level 9 takes up to 20 times as long as level 6, and up to 2.1 µs per byte: where short sequences repeat, as in noise
 * of two values. It is not tried where it could take longer than this, so that no image occupies a decoder for a minute.
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
    const level = isCheap(width * height * 4) ? levelOf(task) : LEVEL;
    const data = await (await task.picture.open()).png({ compressionLevel: level }).toBuffer();
    yield encoding(`png level ${level}`, data);
    return;
  }
  let best: Encoding | null = null;
  const isBest = (one: Encoding) => best === null || one.data.length < best.data.length;
  for await (const each of plainPngs(task, strip)) {
    yield withXmp(each, task.xmp);
    if (isBest(each)) best = each;
  }
  for (const search of isMatched(task) ? SEARCHES : []) {
    if (best === null || !isPromising(search, best, strip, task.enough)) continue;
    const found = encoding(`oxipng level ${search.level}`, optimizePng(best.data, search.level));
    yield withXmp(found, task.xmp);
    if (isBest(found)) best = found;
  }
}

/** Whether a search takes a bounded time and is likely to be enough. */
function isPromising(
  { gain, iconGain, maxPixels, maxRows }: (typeof SEARCHES)[number],
  best: Encoding,
  strip: Strip,
  enough: number,
): boolean {
  const isSparse = best.data.length * 8 < SPARSE.bits * pixelsOf(strip);
  if (pixelsOf(strip) > (isSparse ? maxPixels * SPARSE.factor : maxPixels)) return false;
  return strip.size.height <= maxRows && best.data.length <= enough * (isIcon(strip) ? iconGain : gain);
}

const withXmp = (one: Encoding, xmp: string | null): Encoding => ({ ...one, data: addXmp(one.data, xmp) });

const levelOf = ({ variant }: Task) => (isSmall(variant) ? SMALL_LEVEL : LEVEL);

/** Only a source of the same pixels may have been optimized in the same way. */
const isMatched = ({ source, isUnscaled }: Task) => source.format === 'png' && isUnscaled;

async function* plainPngs(task: Task, strip: Strip): Encodings {
  const level = levelOf(task);
  const indexed = indexColours(strip);
  const grey = toGrey(strip);
  const kept = grey ?? strip;
  const hadPalette = isMatched(task) && task.source.hasPalette;
  if (indexed !== null && (grey === null || hadPalette || indexed.colours.length <= FEW_GREYS)) {
    const first = await timed(() => paletted(strip, indexed, level));
    yield first.made;
    if (level < SMALL_LEVEL && maySearch(first)) yield paletted(strip, indexed, SMALL_LEVEL);
    // Where no palette matches a palette, neither does truecolour.
    if (hadPalette) return;
  }
  const isFlat = flatness(strip) >= FLAT;
  const readSource = () => (isMatched(task) ? task.source.rows() : null);
  // To decompress the source takes a tenth of the time of an encoding, and the first one is usually enough.
  const early = !isFlat && task.source.isOptimized ? readSource() : null;
  // An optimizer that left the rows unfiltered has tried filters.
  const isFirstFiltered = !isFlat && (early === null || isFiltered(early));
  const isQuick = isFirstFiltered && !isMatched(task) && level === LEVEL;
  const firstLevel = isQuick ? SCALED.level : level;
  const { made, cpuMs: tookMs } = await timed(() => direct(kept, firstLevel, isFirstFiltered));
  yield made;
  const first: First = {
    made,
    cpuMs: isQuick ? tookMs * SCALED.factor : tookMs,
    isFiltered: isFirstFiltered,
  };
  const rows = early ?? readSource();
  if (rows !== null) yield* likeSource(task, kept, rows, first);
  else yield* byFlatness(kept, level, first);
}

const isFiltered = ({ filters }: PngRows) => filters.some((filter) => filter > 0);

/** The first encoding of the rows, with the time that it takes at level 6. */
interface First extends Timed {
  isFiltered: boolean;
}

/** The rows of the source show whether filters pay, and which ones. */
async function* likeSource(task: Task, strip: Strip, rows: PngRows, first: First): Encodings {
  const level = levelOf(task);
  const filters = isFiltered(rows);
  if (!filters || rows.channels !== strip.channels) {
    let last: Timed = first;
    if (first.isFiltered !== filters) {
      // The time of other rows says nothing about these.
      last = await timed(() => direct(strip, level, filters));
      yield last.made;
    }
    if (level < SMALL_LEVEL && maySearch(last)) yield direct(strip, SMALL_LEVEL, filters);
    return;
  }
  const pixels = pixelsOf(strip);
  if (pixels > REPEATS.quickPixels) {
    if (!first.isFiltered) yield direct(strip, level, true);
    return;
  }
  const quick = repeated(strip, rows.filters, Math.max(level, REPEATS.quick));
  yield quick;
  const isNear = quick.data.length <= task.enough * REPEATS.slowGain;
  if (level < SMALL_LEVEL && pixels <= REPEATS.slowPixels && (isNear || isIcon(strip)))
    yield repeated(strip, rows.filters, SMALL_LEVEL);
}

const pixelsOf = ({ size }: Strip) => size.width * size.height;
const isIcon = (strip: Strip) => pixelsOf(strip) <= ICON_PIXELS;

async function* byFlatness(strip: Strip, level: number, first: First): Encodings {
  const other = await timed(() => direct(strip, level, !first.isFiltered));
  yield other.made;
  if (level === SMALL_LEVEL) return;
  const isFirst = first.made.data.length <= other.made.data.length;
  const smaller = isFirst ? first : other;
  if (isSmooth(smaller.made, strip) && maySearch(smaller))
    yield direct(strip, SMALL_LEVEL, first.isFiltered === isFirst);
}

interface Timed {
  made: Encoding;
  /** CPU time of this process, which does nothing else meanwhile. */
  cpuMs: number;
}

async function timed(make: () => Encoding | Promise<Encoding>): Promise<Timed> {
  const begun = cpuMs();
  const made = await make();
  return { made, cpuMs: cpuMs() - begun };
}

/** Whether level 9 takes a bounded time for rows that took this time at level 6. */
const maySearch = (first: Timed) => first.cpuMs * SLOWEST.factor <= SLOWEST.cpuMs;

/** Of an image with less than a bit per pixel, zlib's highest level takes a tenth of the time of oxipng. */
const isSmooth = ({ data }: Encoding, { pixels, channels }: Strip) =>
  data.length * 8 < pixels.length / channels;

function repeated(strip: Strip, filters: Uint8Array, level: number): Encoding {
  return encoding(`png level ${level} filtered like the source`, filteredPng(strip, filters, level));
}

async function paletted({ size }: Strip, { colours, indexes }: Indexed, wanted: number): Promise<Encoding> {
  const rows: Strip = { pixels: Buffer.from(indexes.buffer), size, channels: 1, frames: 1 };
  const encode = (part: Strip, level: number) =>
    indexedPng(part.size, { colours, indexes: part.pixels }, level);
  const level = await boundedLevel(wanted, rows, encode);
  return encoding(`png palette level ${level}`, encode(rows, level));
}

async function direct(strip: Strip, wanted: number, adaptiveFiltering: boolean): Promise<Encoding> {
  const encode = (rows: Strip, compressionLevel: number) =>
    openStrip(rows)
      .toColourspace(rows.channels < 3 ? 'b-w' : 'srgb')
      .png({ compressionLevel, adaptiveFiltering })
      .toBuffer();
  const level = await boundedLevel(wanted, strip, encode);
  const data = await encode(strip, level);
  const kind = strip.channels < 3 ? ' grey' : '';
  return encoding(`png${kind} level ${level}${adaptiveFiltering ? ' filtered' : ''}`, withoutDensity(data));
}

/** zlib's highest level only where it takes a bounded time. */
async function boundedLevel(
  level: number,
  rows: Strip,
  encode: (part: Strip, level: number) => unknown,
): Promise<number> {
  if (level < SMALL_LEVEL) return level;
  return affordableLevel({ level, cheaper: LEVEL }, rows, (sample) => encode(sample, level));
}

const encoding = (encoder: string, data: Buffer): Encoding => ({
  data,
  encoder,
  quality: null,
  isLossless: true,
});

const PHYS_BYTES = 21;

// libvips always writes the density, which is unknown here.
function withoutDensity(png: Buffer): Buffer {
  const at = png.indexOf('pHYs', 33, 'latin1') - 4;
  return at === 33 ? Buffer.concat([png.subarray(0, at), png.subarray(at + PHYS_BYTES)]) : png;
}
