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

/** The format that a variant of such a source has. */
export function formatOf({ format }: Variant, source: ImageFormat): ImageFormat {
  return format === 'keep' ? FORMATS[source].keptAs : format;
}

/** Whether the variant shows all frames. */
export function isAnimated({ animated }: Variant, format: ImageFormat, frames: number): boolean {
  return frames > 1 && animated === 'keep' && (format === 'webp' || format === 'gif');
}

const QUALITY = { jpeg: 82, webp: 80, avif: 50 };
const QUALITY_STEP = 12;
const QUALITY_FLOOR = 30;
/** From here on small files are wanted more than speed. */
const SMALL = 6;

/**
 * Encodes a variant within its `maxBytes`: a lossless one that is too large becomes WebP, a lossy one loses quality step by
 * step. @throws Refusal image_too_large when that is not enough
 */
export async function encode(
  base: Base,
  source: Size,
  variant: Variant,
  format: ImageFormat,
  metadata: Metadata,
): Promise<Encoded> {
  const all = isAnimated(variant, format, base.frames);
  const timing = all ? timingOf(metadata) : {};
  let as = format;
  let quality = variant.quality ?? (as === 'jpeg' || as === 'webp' || as === 'avif' ? QUALITY[as] : 0);
  for (;;) {
    const target = targetOf(source, variant, as);
    const image = await base.open(target, all ? 'all' : 'first');
    // GIF has no profiles: what is not told to keep one becomes sRGB.
    if (base.wide && as !== 'gif') image.keepIccProfile();
    if (as === 'jpeg') image.flatten({ background: variant.background });
    const encoder = setEncoder(image, as, quality, variant.effort, timing);
    const data = await image.toBuffer();
    if (data.length <= variant.maxBytes) return { data, format: as, ...target.size, encoder };
    if (as === 'png' || as === 'gif') {
      as = 'webp';
      quality = QUALITY.webp;
    } else if (quality > QUALITY_FLOOR) quality = Math.max(QUALITY_FLOOR, quality - QUALITY_STEP);
    else throw tooLarge(variant.maxBytes);
  }
}

interface Timing {
  delay?: number[];
  loop?: number;
}

/** Of what sharp takes; WebP could have longer delays. */
const MOST = 65_535;

function timingOf({ delay, loop }: Metadata): Timing {
  return {
    ...(delay === undefined ? {} : { delay: delay.map((ms) => Math.min(ms, MOST)) }),
    ...(loop === undefined ? {} : { loop: Math.min(loop, MOST) }),
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
      // The optimiser makes libjpeg run twice: a fifth of the speed for a twentieth of the bytes.
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
