import { FORMATS, type ImageFormat, type StoredFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Variant } from '@pixdock/contract/profile';
import type { Metadata } from 'sharp';
import type { Base } from './base.js';
import { encodeAvif, encodeGif } from './encodings/avif-gif.js';
import { type Encoding, type Encodings, smallest, type Task, type Timing } from './encodings/encoding.js';
import { encodeJpeg } from './encodings/jpeg.js';
import { encodePng } from './encodings/png.js';
import { QUALITY } from './encodings/quality.js';
import { encodeWebp, lossyWebp } from './encodings/webp.js';
import { bytesOfXmp } from './encodings/xmp.js';
import { isSame, type Target, targetOf } from './geometry.js';
import type { Inspected } from './inspect.js';
import { Refusal } from './refusal.js';

export interface Encoded extends Encoding {
  format: StoredFormat;
  width: number;
  height: number;
}

/** The format of a variant for a source of this format. */
export function outputFormat({ format }: Variant, source: ImageFormat): StoredFormat {
  return format === 'keep' ? FORMATS[source].keptAs : format;
}

/** Whether the variant keeps all frames. */
export function isAnimated({ animated }: Variant, format: StoredFormat, frames: number): boolean {
  return frames > 1 && animated === 'keep' && (format === 'webp' || format === 'gif');
}

const QUALITY_STEP = 12;
const QUALITY_FLOOR = 30;

/**
 * Encodes a variant within its `maxBytes`: an oversized PNG or GIF becomes WebP, then the quality is lowered step by step.
 * @throws Refusal image_too_large when the lowest quality is still too large
 */
export async function encode(
  base: Base,
  inspected: Inspected,
  variant: Variant,
  format: StoredFormat,
  xmp: string | null,
): Promise<Encoded> {
  const all = isAnimated(variant, format, base.frames);
  const timing = all ? readTiming(inspected.metadata) : {};
  const first = taskOf(base, inspected, variant, format, { timing, all, xmp });
  const chosen = await smallest(ENCODERS[format](first.task), first.task.enough);
  if (chosen.data.length <= variant.maxBytes) return { ...chosen, format, ...first.target.size };
  const lossy = format === 'png' || format === 'gif' ? 'webp' : format;
  const { task, target } = taskOf(base, inspected, variant, lossy, { timing, all, xmp });
  for (const quality of lowerQualities(chosen, variant)) {
    const lower = { ...task, variant: { ...variant, quality } };
    const encodings = lossy === 'webp' ? lossyWebp(lower, quality) : ENCODERS[lossy](lower);
    const encoded = await smallest(encodings, Number.POSITIVE_INFINITY);
    if (encoded.data.length <= variant.maxBytes) return { ...encoded, format: lossy, ...target.size };
  }
  throw tooLarge(variant.maxBytes);
}

const ENCODERS: Readonly<Record<StoredFormat, (task: Task) => Encodings>> = {
  jpeg: encodeJpeg,
  png: encodePng,
  webp: encodeWebp,
  gif: encodeGif,
  avif: encodeAvif,
};

function taskOf(
  base: Base,
  inspected: Inspected,
  variant: Variant,
  format: StoredFormat,
  { timing, all, xmp }: { timing: Timing; all: boolean; xmp: string | null },
): { task: Task; target: Target } {
  const { width, height, format: sourceFormat, coding, file } = inspected;
  const target = targetOf({ width, height }, variant, format);
  const frames = all ? 'all' : 'first';
  const picture = {
    strip: () => base.strip(target, frames),
    async open() {
      const image = await base.open(target, frames);
      if (xmp !== null && format !== 'gif') image.withXmp(xmp);
      // GIF cannot store a profile: without `keepIccProfile`, sharp converts to sRGB.
      return base.wide && format !== 'gif' ? image.keepIccProfile() : image;
    },
  };
  const source = { ...coding, format: sourceFormat, file };
  const isUnscaled = isSame(target.size, { width, height });
  return {
    target,
    task: {
      picture,
      variant,
      timing,
      source,
      xmp,
      size: target.size,
      enough: isUnscaled
        ? enoughBytes(inspected, format) + bytesOfXmp(xmp, format)
        : Number.POSITIVE_INFINITY,
      isUnscaled,
    },
  };
}

/** Smaller differences are not worth another encoding, which takes ten times as long for a PNG. */
const GROWTH = 1.02;
const GROWTH_BYTES = 1024;
const GROWTH_OF_PNG = 1.05;

/** The size that needs no further encoding, for a variant of the source's size; any, unless the variant can match the source. */
function enoughBytes({ coding, format }: Inspected, output: StoredFormat): number {
  if (format !== output) return Number.POSITIVE_INFINITY;
  if (output === 'png') return coding.bytes * GROWTH_OF_PNG;
  return Math.max(coding.bytes * GROWTH, coding.bytes + GROWTH_BYTES);
}

function* lowerQualities({ quality }: Encoding, variant: Variant): Generator<number> {
  let next = quality;
  if (next === null) {
    next = variant.quality ?? QUALITY.webp;
    yield next;
  }
  for (; next > QUALITY_FLOOR; yield next) next = Math.max(QUALITY_FLOOR, next - QUALITY_STEP);
}

/** sharp's limit; WebP allows longer delays. */
const MAX_TIMING = 65_535;

/** Whether frames last longer than the encoder can say. */
export const hasLongDelay = ({ delay = [] }: Metadata) => delay.some((ms) => ms > MAX_TIMING);

function readTiming({ delay, loop }: Metadata): Timing {
  return {
    ...(delay === undefined ? {} : { delay: delay.map((ms) => Math.min(ms, MAX_TIMING)) }),
    ...(loop === undefined ? {} : { loop: Math.min(loop, MAX_TIMING) }),
  };
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal('image_too_large', detailOf('variant-too-large', { max: maxBytes }));
}
