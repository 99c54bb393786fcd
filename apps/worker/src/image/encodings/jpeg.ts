import type { JpegOptions, Sharp } from 'sharp';
import { flatness, toGrey } from './content.js';
import type { Encoding, Encodings, Task } from './encoding.js';
import { fineQuality } from './fine-quality.js';
import { GOOD_QUALITY, isSmall, matchingQuality } from './quality.js';
import { openWithXmp } from './xmp.js';

/** From this flatness on, halving the chroma planes would blur coloured text and lines. */
const FLAT = 0.5;

/** Trellis quantization makes JPEGs smaller than a source of the same quality, by so much at most. It takes five times as long. */
const TRELLIS_GAIN = 1.15;

/** Encodes at most at the quality of a JPEG source: more would only enlarge the file. */
export async function* encodeJpeg(task: Task): Encodings {
  const { variant, source, isUnscaled } = task;
  const limit = source.format === 'jpeg' ? source.quality : null;
  const wanted = variant.quality ?? (await fineQuality(task));
  const quality = isUnscaled ? matchingQuality('jpeg', wanted, limit) : wanted;
  const isTight = isUnscaled && limit !== null && limit <= quality;
  const open = await opener(task);
  const isFull = await keepsChroma(task, isTight);
  const chroma = isFull ? { chromaSubsampling: '4:4:4' } : {};
  const encode = async (options: JpegOptions, mode = '', q = quality): Promise<Encoding> => ({
    data: await (await open()).jpeg({ quality: q, ...chroma, ...options }).toBuffer(),
    encoder: `${options.mozjpeg === true ? 'mozjpeg' : 'jpeg'} q${q}${mode}`,
    quality: q,
    isLossless: false,
  });
  // mozjpeg's own table loses more detail at the same quality: SSIM 0.967 against 0.989.
  const table = limit !== null && limit > GOOD_QUALITY ? { quantisationTable: 0 } : {};
  if (!isSmall(variant) && !needsOptimizedTables(task, isTight, isFull))
    yield encode({ optimiseCoding: false });
  const progressive = source.isProgressive;
  const optimized = isSmall(variant)
    ? await encode({ mozjpeg: true, ...table })
    : await encode({ progressive }, progressive ? ' progressive' : ' optimized');
  yield optimized;
  const low = source.lowQuality ?? quality;
  if (low >= quality || optimized.data.length <= task.enough * TRELLIS_GAIN)
    yield encode({ mozjpeg: true }, '', Math.min(quality, limit ?? quality));
  if (low < quality) yield encode({ mozjpeg: true }, '', low);
}

/** Grey images stay grey, and others lose their alpha. */
async function opener({ picture, variant, source, xmp }: Task): Promise<() => Promise<Sharp>> {
  const strip = source.isGrey ? await picture.strip() : null;
  const grey = strip === null ? null : toGrey(strip);
  if (grey !== null && grey.channels === 1) return async () => openWithXmp(grey, xmp).toColourspace('b-w');
  return async () => (await picture.open()).flatten({ background: variant.background });
}

/**
 * Optimized Huffman tables take a second pass, a quarter of the time, and save about 0.07 bits per pixel. A quality 2 below the
 * source's saves a tenth of its bytes, and halved chroma planes a fifth (60 JPEGs): below this rate, the quality saves less.
 */
const SMOOTH_BITS = 0.5;

/** Whether a source with optimized tables is matched only by such tables. */
function needsOptimizedTables(
  { source, size, isUnscaled }: Task,
  isTight: boolean,
  isFull: boolean,
): boolean {
  const isOptimized = source.isProgressive || source.isOptimized;
  if (source.format !== 'jpeg' || !isUnscaled || !isOptimized) return false;
  if (isTight) return true;
  const isHalved = source.hasFullChroma && !source.isGrey && !isFull;
  return !isHalved && source.bytes * 8 < SMOOTH_BITS * size.width * size.height;
}

async function keepsChroma({ picture, source, isUnscaled }: Task, isTight: boolean): Promise<boolean> {
  if (source.format !== 'jpeg' || !source.hasFullChroma || source.isGrey || !isUnscaled) return false;
  if (isTight) return true;
  const strip = await picture.strip();
  return strip !== null && flatness(strip) >= FLAT;
}
