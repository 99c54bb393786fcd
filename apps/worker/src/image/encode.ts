import { FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Variant } from '@pixdock/contract/profile';
import type { Metadata, Sharp } from 'sharp';
import type { Base } from './decode.js';
import { type Size, targetOf } from './geometry.js';
import { Refusal } from './refusal.js';

export interface Encoded {
  data: Buffer;
  format: ImageFormat;
  width: number;
  height: number;
  /** For the receipt, such as "jpeg q82". */
  encoder: string;
}

/** The format of a variant for a source of this format. */
export function outputFormat({ format }: Variant, source: ImageFormat): ImageFormat {
  return format === 'keep' ? FORMATS[source].keptAs : format;
}

/** Whether the variant keeps all frames. */
export function isAnimated({ animated }: Variant, format: ImageFormat, frames: number): boolean {
  return frames > 1 && animated === 'keep' && (format === 'webp' || format === 'gif');
}

const QUALITY = { jpeg: 82, webp: 80, avif: 50 };
const QUALITY_STEP = 12;
const QUALITY_FLOOR = 30;
/** From this effort on, small files matter more than speed. */
const SMALL = 6;

/**
 * Encodes a variant within its `maxBytes`: an oversized PNG or GIF becomes WebP, then the quality is lowered step by step.
 * @throws Refusal image_too_large when the lowest quality is still too large
 */
export async function encode(
  base: Base,
  source: Size,
  variant: Variant,
  format: ImageFormat,
  metadata: Metadata,
  xmp: string | null,
): Promise<Encoded> {
  const all = isAnimated(variant, format, base.frames);
  const timing = all ? readTiming(metadata) : {};
  let current = format;
  let quality =
    variant.quality ??
    (current === 'jpeg' || current === 'webp' || current === 'avif' ? QUALITY[current] : 0);
  for (;;) {
    const target = targetOf(source, variant, current);
    const image = await base.open(target, all ? 'all' : 'first');
    // GIF cannot store a profile: without `keepIccProfile`, sharp converts to sRGB.
    if (base.wide && current !== 'gif') image.keepIccProfile();
    if (current === 'jpeg') image.flatten({ background: variant.background });
    if (xmp !== null && current !== 'gif') image.withXmp(xmp);
    const encoder = setEncoder(image, current, quality, variant.effort, timing);
    const data = await image.toBuffer();
    if (data.length <= variant.maxBytes) return { data, format: current, ...target.size, encoder };
    if (current === 'png' || current === 'gif') {
      current = 'webp';
      quality = QUALITY.webp;
    } else if (quality > QUALITY_FLOOR) quality = Math.max(QUALITY_FLOOR, quality - QUALITY_STEP);
    else throw tooLarge(variant.maxBytes);
  }
}

interface Timing {
  delay?: number[];
  loop?: number;
}

/** sharp's limit; WebP allows longer delays. */
const MAX_TIMING = 65_535;

function readTiming({ delay, loop }: Metadata): Timing {
  return {
    ...(delay === undefined ? {} : { delay: delay.map((ms) => Math.min(ms, MAX_TIMING)) }),
    ...(loop === undefined ? {} : { loop: Math.min(loop, MAX_TIMING) }),
  };
}

function setEncoder(
  image: Sharp,
  format: ImageFormat,
  quality: number,
  effort: number,
  timing: Timing,
): string {
  const small = effort >= SMALL;
  switch (format) {
    case 'jpeg':
      // Huffman optimisation takes a second pass: it saves 5 % of the bytes and costs 20 % of the speed.
      image.jpeg(small ? { quality, mozjpeg: true } : { quality, optimiseCoding: false });
      return small ? `mozjpeg q${quality}` : `jpeg q${quality}`;
    case 'webp':
      image.webp({ quality, effort: Math.min(effort, 6), ...timing });
      return `webp q${quality} effort ${Math.min(effort, 6)}`;
    case 'avif':
      image.avif({ quality, effort });
      return `avif q${quality} effort ${effort}`;
    case 'gif':
      image.gif({ effort: Math.max(1, effort), ...timing });
      return `gif effort ${Math.max(1, effort)}`;
    default:
      image.png({ compressionLevel: small ? 9 : 6 });
      return `png level ${small ? 9 : 6}`;
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal('image_too_large', detailOf('variant-too-large', { max: maxBytes }));
}
