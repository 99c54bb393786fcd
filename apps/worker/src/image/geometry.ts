import { OSS_MAX_SIDE, type StoredFormat } from '@pixdock/contract/media-type';
import type { Variant } from '@pixdock/contract/profile';

export interface Size {
  width: number;
  height: number;
}

/** How a variant is made: scale the whole image to `scaled`, then crop it to `size`. */
export interface Target {
  scaled: Size;
  size: Size;
  /** The part that a crop keeps; by default the centre. */
  position?: Variant['position'];
  /** Ratio of `scaled` to the source, at most 1. */
  scale: number;
}

/** Longest side for each format: the VP8 and AV1 fields (RFC 6386 9.1); OSS's limit is below the 16 bits of the others. */
const MAX_SIDE: Record<StoredFormat, number> = {
  webp: 16_383,
  avif: 16_383,
  jpeg: OSS_MAX_SIDE,
  png: OSS_MAX_SIDE,
  gif: OSS_MAX_SIDE,
};

/** Below the 35,651,584 of AVIF's advanced profile (AVIF 1.1, 8.3). Encoding 36 MP takes 1.35 GiB, close to a decoder's memory limit. */
const MAX_AVIF_PIXELS = 35_000_000;

/** Computes the size of a variant from the source's size after orientation. Never enlarges. */
export function targetOf(
  source: Size,
  { fit, width, height, position }: Pick<Variant, 'fit' | 'width' | 'height' | 'position'>,
  format: StoredFormat,
): Target {
  const cap = MAX_SIDE[format];
  const maxPixels = format === 'avif' ? MAX_AVIF_PIXELS : Number.POSITIVE_INFINITY;
  const within = (area: Size) => Math.sqrt(maxPixels / (area.width * area.height));
  if (fit === 'cover' && width !== undefined && height !== undefined) {
    const fits = [source.width / width, source.height / height, cap / width, cap / height];
    const shrink = Math.min(1, ...fits, within({ width, height }));
    const size = rounded(width * shrink, height * shrink);
    const scale = Math.max(size.width / source.width, size.height / source.height);
    const scaled = rounded(source.width * scale, source.height * scale);
    return {
      scale,
      size,
      position,
      scaled: { width: Math.max(scaled.width, size.width), height: Math.max(scaled.height, size.height) },
    };
  }
  const scale = Math.min(
    1,
    Math.min(width ?? cap, cap) / source.width,
    Math.min(height ?? cap, cap) / source.height,
    within(source),
  );
  const size = rounded(source.width * scale, source.height * scale);
  return { scale, size, scaled: size };
}

export function isSame(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function rounded(width: number, height: number): Size {
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
}
