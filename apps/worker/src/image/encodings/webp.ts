import type { WebpOptions } from 'sharp';
import type { Strip } from '../frames.js';
import { flatness, indexColours } from './content.js';
import type { Encoding, Encodings, Task } from './encoding.js';
import { isSmall, matchingQuality, QUALITY } from './quality.js';
import { openWithXmp } from './xmp.js';

const MAX_EFFORT = 6;
/** The effort that matches lossy files of other encoders, at twice the time of effort 2. */
const MATCHING_EFFORT = 4;
/** How long lossless WebP searches for matches, as a quality: at effort 2, 0.16 µs per pixel. */
const LIGHT = 20;
/**
 * The effort and quality that match most files of cwebp and browsers (of 62): 0.1 µs per pixel for sources with less than a bit
 * per pixel, and 0.2 to 0.7 µs for others.
 */
const FIRST = { sparse: { effort: 4, quality: 80 }, dense: { effort: 3, quality: 50 } };
/**
 * The second attempt takes three times as long and saves 1 to 5 %. `gain` is by how much the first may exceed what is enough,
 * so that the second is likely to reach it.
 */
const SECOND = { effort: 4, quality: 95, gain: 1.05 };
/**
 * Encoders such as cwebp invent colors for invisible pixels. Where their predictors apply to small blocks, only the exhaustive
 * search repeats the colors in about as many bytes, at up to 6 µs per pixel.
 */
const EXHAUSTIVE = { effort: 4, quality: 100, gain: 1.12, maxPredictorBits: 3, leastPixels: 70_000 };
/** The second attempt is made up to so many pixels, or with less than a bit per pixel. */
const SECOND_PIXELS = 250_000;
/** Lossless encoding takes about 0.3 µs a pixel, and effort 0 a third of that. */
const LARGE_PIXELS = 16_000_000;
/** Lossless previews of graphics cost no more than lossy ones at this effort. Near-lossless ones would cost four times as much. */
const PREVIEW_EFFORT = 1;

/** A lossless source stays lossless unless the variant names a quality or another format. */
export async function* encodeWebp(task: Task): Encodings {
  const { variant, source, isUnscaled } = task;
  const quality = variant.quality ?? QUALITY.webp;
  if (!source.isLossless) {
    const isMatched = source.format === 'webp' && isUnscaled;
    yield* lossyWebp(task, isMatched ? matchingQuality('webp', variant.quality, source.quality) : quality);
    return;
  }
  const isKept = variant.format === 'keep' || variant.format === source.format;
  if (isUnscaled && isKept && variant.quality === undefined) {
    yield* losslessWebp(task);
    return;
  }
  const strip = await task.picture.strip();
  const drawn = { ...task, picture: strip === null ? task.picture : pictureOf(strip, task.xmp) };
  const content = strip === null ? 'photograph' : classify(strip);
  const effort = isSmall(variant) ? effortOf(task) : Math.min(effortOf(task), PREVIEW_EFFORT);
  if (content === 'graphic') yield lossless(drawn, effort, LIGHT);
  else if (content === 'photograph') yield* lossyWebp(drawn, quality);
  else yield cheaper(await lossless(drawn, effort, LIGHT), await lossy(drawn, quality, effortOf(task)));
}

const pictureOf = (strip: Strip, xmp: string | null) => ({
  open: async () => openWithXmp(strip, xmp),
  strip: async () => strip,
});
const effortOf = ({ variant }: Task) => Math.min(variant.effort, MAX_EFFORT);

/** How far the estimate of a source's quality may be off. */
const ESTIMATE_ERROR = 5;

/** Encodes at one quality, or close below it to match a WebP source. */
export async function* lossyWebp(task: Task, quality: number): Encodings {
  yield lossy(task, quality, effortOf(task));
  if (task.source.format !== 'webp') return;
  const effort = Math.max(effortOf(task), MATCHING_EFFORT);
  if (effort > effortOf(task)) yield lossy(task, quality, effort);
  yield lossy(task, Math.max(1, quality - ESTIMATE_ERROR), effort);
}

async function* losslessWebp(task: Task): Encodings {
  const strip = await task.picture.strip();
  // A wide gamut has no strip, and one frame.
  const pixels = task.size.width * task.size.height * (strip?.frames ?? 1);
  if (pixels > LARGE_PIXELS) {
    yield lossless(task, 0, LIGHT);
    yield lossless(task, effortOf(task), LIGHT);
    return;
  }
  const isFine = strip?.channels === 4 && isFinelyPredicted(task);
  const { effort, quality, gain } = isFine ? EXHAUSTIVE : SECOND;
  let isPromising = pixels <= SECOND_PIXELS;
  if (!(isFine && isPromising && pixels >= EXHAUSTIVE.leastPixels)) {
    const search = firstSearch(task, pixels);
    const first = await lossless(task, Math.max(effortOf(task), search.effort), search.quality);
    yield first;
    isPromising = (isPromising || first.data.length * 8 < pixels) && first.data.length <= task.enough * gain;
  }
  if (isPromising) yield lossless(task, Math.max(effortOf(task), effort), quality, true);
}

function firstSearch({ source }: Task, pixels: number): { effort: number; quality: number } {
  if (source.format !== 'webp') return { effort: 0, quality: LIGHT };
  return source.bytes * 8 < pixels ? FIRST.sparse : FIRST.dense;
}

const isFinelyPredicted = ({ source }: Task) =>
  source.predictorBits !== null && source.predictorBits <= EXHAUSTIVE.maxPredictorBits;

const lossy = (task: Task, quality: number, effort: number) =>
  encode(task, `webp q${quality} effort ${effort}`, { quality, effort }, quality);

const lossless = (task: Task, effort: number, quality: number, minSize = false) =>
  encode(task, `webp lossless effort ${effort}`, { lossless: true, exact: true, quality, effort, minSize });

async function encode(
  { picture, timing }: Task,
  encoder: string,
  options: WebpOptions,
  quality: number | null = null,
): Promise<Encoding> {
  const data = await (await picture.open()).webp({ ...options, ...timing }).toBuffer();
  return { data, encoder, quality, isLossless: options.lossless === true };
}

/** The share of pixels that equal their neighbour: above, images are graphics; below, photographs. */
const GRAPHIC = 0.75;
const PHOTOGRAPH = 0.4;
/** Lossy previews of so few colours are larger than lossless ones, and of more are smaller (of 40 graphics). */
const FEW_COLOURS = 64;
/** Icons of this size are small in any encoding, and lossy ones look worst. */
const ICON_PIXELS = 64 * 64;
/** Above this size and the colors of a palette, a lossless preview of unclear content is larger (65 of 68). */
const SMALL_PIXELS = 128 * 128;

function classify(strip: Strip): 'graphic' | 'photograph' | 'unclear' {
  const pixels = strip.pixels.length / strip.channels;
  const flat = flatness(strip);
  if (flat >= GRAPHIC || pixels <= ICON_PIXELS) return 'graphic';
  const indexed = indexColours(strip);
  if (indexed !== null && indexed.colours.length <= FEW_COLOURS) return 'graphic';
  const hasMany = indexed === null && pixels > SMALL_PIXELS;
  return flat < PHOTOGRAPH || hasMany ? 'photograph' : 'unclear';
}

/** What keeping the chroma may cost. */
const CHROMA_WORTH = 1.25;

const cheaper = (whole: Encoding, other: Encoding) =>
  whole.data.length <= other.data.length * CHROMA_WORTH ? whole : other;
