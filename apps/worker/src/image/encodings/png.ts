import { openStrip, type Strip } from '../frames.js';
import type { Attempt, Attempts, Task } from './attempt.js';
import { flatness, type Indexed, indexColours, toGrey } from './content.js';
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

/**
 * Levels of oxipng. Level 2 takes up to 2 µs per pixel; level 4 takes up to 8 µs per pixel and saves 2 % more. Each row costs
 * as much as some hundred pixels, so that a narrow image is slow.
 */
const SEARCHES = [
  { level: 2, maxPixels: 2_100_000, maxRows: 4000 },
  { level: 4, maxPixels: 310_000, maxRows: 1000 },
];

/** Every encoding of a strip has the same pixels. */
export async function* encodePng(task: Task): Attempts {
  const strip = await task.picture.strip();
  if (strip === null) {
    const level = levelOf(task);
    const data = await (await task.picture.open()).png({ compressionLevel: level }).toBuffer();
    yield attempt(`png level ${level}`, data);
    return;
  }
  let best: Attempt | null = null;
  for await (const each of plainPngs(task, strip)) {
    yield withXmp(each, task.xmp);
    if (best === null || each.data.length < best.data.length) best = each;
  }
  for (const { level } of searches(task, strip))
    if (best !== null)
      yield withXmp(attempt(`oxipng level ${level}`, optimizePng(best.data, level)), task.xmp);
}

const withXmp = (one: Attempt, xmp: string | null): Attempt => ({ ...one, data: addXmp(one.data, xmp) });

const levelOf = ({ variant }: Task) => (isSmall(variant) ? SMALL_LEVEL : LEVEL);

/** Only a source of the same pixels may have been optimized in the same way. */
function searches({ source, isUnscaled }: Task, { size: { width, height } }: Strip) {
  if (source.format !== 'png' || !isUnscaled) return [];
  return SEARCHES.filter(({ maxPixels, maxRows }) => width * height <= maxPixels && height <= maxRows);
}

async function* plainPngs(task: Task, strip: Strip): Attempts {
  const level = levelOf(task);
  const indexed = indexColours(strip);
  const grey = toGrey(strip);
  const kept = grey ?? strip;
  const isFlat = flatness(strip) >= FLAT;
  const hasPalette = indexed !== null && (grey === null || indexed.colours.length <= FEW_GREYS);
  if (hasPalette) {
    yield paletted(strip, indexed, level);
    if (level < SMALL_LEVEL) yield paletted(strip, indexed, SMALL_LEVEL);
  }
  const likely = await direct(kept, level, !isFlat);
  yield likely;
  const other = await direct(kept, level, isFlat);
  yield other;
  if (level === SMALL_LEVEL) return;
  const isLikely = likely.data.length <= other.data.length;
  if (searches(task, strip).length === 0 || isSmooth(isLikely ? likely : other, strip))
    yield direct(kept, SMALL_LEVEL, isFlat !== isLikely);
}

/** Of an image with less than a bit per pixel, zlib's highest level takes a tenth of the time of oxipng. */
const isSmooth = ({ data }: Attempt, { pixels, channels }: Strip) =>
  data.length * 8 < pixels.length / channels;

function paletted({ size }: Strip, indexed: Indexed, level: number): Attempt {
  return attempt(`png palette level ${level}`, indexedPng(size, indexed, level));
}

async function direct(strip: Strip, level: number, adaptiveFiltering: boolean): Promise<Attempt> {
  const image = openStrip(strip).toColourspace(strip.channels < 3 ? 'b-w' : 'srgb');
  const data = await image.png({ compressionLevel: level, adaptiveFiltering }).toBuffer();
  const kind = strip.channels < 3 ? ' grey' : '';
  return attempt(`png${kind} level ${level}${adaptiveFiltering ? ' filtered' : ''}`, withoutDensity(data));
}

const attempt = (encoder: string, data: Buffer): Attempt => ({
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
