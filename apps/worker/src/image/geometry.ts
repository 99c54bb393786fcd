import { OSS_MAX_SIDE, type Variant } from '@pixdock/shared/contract/profile';
import type { ImageFormat } from '@pixdock/shared/media-type';

export interface Size {
  width: number;
  height: number;
}

/** Where a variant comes from: the whole picture scaled to `scaled`, of which the middle `size` is kept. */
export interface Target {
  scaled: Size;
  size: Size;
  /** Of `scaled` against the source; never above 1. */
  scale: number;
}

/** Longest side that a format can have: VP8 and AV1 fields (RFC 6386 9.1), 16 bits in the others, then OSS's own. */
const MAX_SIDE: Record<ImageFormat, number> = {
  webp: 16_383,
  avif: 16_383,
  jpeg: OSS_MAX_SIDE,
  png: OSS_MAX_SIDE,
  gif: OSS_MAX_SIDE,
  tiff: OSS_MAX_SIDE,
};

/** The sizes of a variant of a source (after orientation). Nothing is enlarged. */
export function targetOf(
  source: Size,
  { fit, width, height }: Pick<Variant, 'fit' | 'width' | 'height'>,
  format: ImageFormat,
): Target {
  const cap = MAX_SIDE[format];
  if (fit === 'cover' && width !== undefined && height !== undefined) {
    const shrink = Math.min(1, source.width / width, source.height / height, cap / width, cap / height);
    const size = rounded(width * shrink, height * shrink);
    const scale = Math.max(size.width / source.width, size.height / source.height);
    const scaled = rounded(source.width * scale, source.height * scale);
    return {
      scale,
      size,
      scaled: { width: Math.max(scaled.width, size.width), height: Math.max(scaled.height, size.height) },
    };
  }
  const scale = Math.min(
    1,
    Math.min(width ?? cap, cap) / source.width,
    Math.min(height ?? cap, cap) / source.height,
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
