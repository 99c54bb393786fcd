import type { WebpOptions } from 'sharp';
import type { Strip } from '../frames.js';
import { coloursOf, flatness } from './content.js';
import type { Encoding, Encodings, Task } from './encoding.js';
import { isSmall, matchingQuality, QUALITY } from './quality.js';
import { openWithXmp } from './xmp.js';

const MAX_EFFORT = 6;
/** The effort that matches lossy files of other encoders, at twice the time of effort 2. */
const MATCHING_EFFORT = 4;
/** How long lossless WebP searches for matches, as a quality: at effort 2, 0.16 µs per pixel. */
const LIGHT = 20;
/** Effort and quality that match most files of cwebp and browsers, at 0.1 to 0.7 µs per pixel. */
const MATCHING = { effort: 4, quality: 50 };
/** More pixels would take longer than 12 s. */
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
    yield losslessWebp(task);
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

async function losslessWebp(task: Task): Promise<Encoding> {
  const strip = await task.picture.strip();
  // A wide gamut has no strip, and one frame.
  const pixels = task.size.width * task.size.height * (strip?.frames ?? 1);
  if (task.source.format !== 'webp' || pixels > LARGE_PIXELS) return lossless(task, effortOf(task), LIGHT);
  return lossless(task, Math.max(effortOf(task), MATCHING.effort), MATCHING.quality);
}

const lossy = (task: Task, quality: number, effort: number) =>
  encode(task, `webp q${quality} effort ${effort}`, { quality, effort }, quality);

const lossless = (task: Task, effort: number, quality: number) =>
  encode(task, `webp lossless effort ${effort}`, { lossless: true, exact: true, quality, effort });

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
  const colours = coloursOf(strip);
  if (colours !== null && colours.length <= FEW_COLOURS) return 'graphic';
  const hasMany = colours === null && pixels > SMALL_PIXELS;
  return flat < PHOTOGRAPH || hasMany ? 'photograph' : 'unclear';
}

/** What keeping the chroma may cost. */
const CHROMA_WORTH = 1.25;

const cheaper = (whole: Encoding, other: Encoding) =>
  whole.data.length <= other.data.length * CHROMA_WORTH ? whole : other;
