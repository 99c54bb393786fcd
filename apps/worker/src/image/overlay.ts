import type { Overlay, Profile } from '@pixdock/contract/profile';
import sharp from 'sharp';
import { type Base, baseFromStill, baseFromStrip } from './base.js';
import type { Strip } from './frames.js';
import type { Size, Target } from './geometry.js';
import type { SourceLabel } from './label/read-label.js';
import { OVERLAY_FILE } from './protocol.js';
import { toStrip } from './to-strip.js';

/** The variants that get the overlay of the profile, for a source with this label of AI-generated content. */
export function overlaidVariants({ overlay, variants }: Profile, label: SourceLabel | null): string[] {
  if (overlay === undefined || (overlay.when === 'aiLabel' && label === null)) return [];
  return overlay.variants ?? Object.keys(variants);
}

/** A base of the size of `target`, with the overlay on each frame. */
export async function drawOverlay(
  base: Base,
  target: Target,
  frames: 'all' | 'first',
  overlay: Overlay,
): Promise<Base> {
  const { size } = target;
  const strip = await base.strip(target, frames);
  if (strip === null) {
    const { pixels, size: fitted, left, top } = await fit(overlay, size, 'p3');
    const raw = { ...fitted, channels: 4 as const };
    const image = (await base.open(target, frames)).composite([{ input: pixels, raw, left, top }]);
    return baseFromStill(await image.keepIccProfile().png({ compressionLevel: 0 }).toBuffer(), size);
  }
  // The other variants are made from the same pixels.
  const drawn = { ...strip, pixels: Buffer.from(strip.pixels) };
  blend(drawn, await fit(overlay, size, 'srgb'));
  return baseFromStrip(drawn);
}

/** RGBA. */
interface Placed {
  pixels: Buffer;
  size: Size;
  left: number;
  top: number;
}

async function fit({ scale, opacity, position }: Overlay, area: Size, space: 'srgb' | 'p3'): Promise<Placed> {
  const width = Math.max(1, Math.round(area.width * scale));
  const image = sharp(OVERLAY_FILE).resize({ width, height: area.height, fit: 'inside' }).ensureAlpha();
  if (space === 'p3') image.withIccProfile('p3', { attach: false });
  const { pixels, size } = await toStrip(image, 1);
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = Math.round((pixels[at] ?? 0) * opacity);
  const across = position.endsWith('west') ? 0 : position.endsWith('east') ? 1 : 0.5;
  const down = position.startsWith('north') ? 0 : position.startsWith('south') ? 1 : 0.5;
  return {
    pixels,
    size,
    left: Math.round((area.width - size.width) * across),
    top: Math.round((area.height - size.height) * down),
  };
}

/**
 * Draws over the pixels of each frame (source over, Porter and Duff 1984). sharp's `composite` would compute every pixel of the
 * image anew, and lose the colours of invisible ones.
 */
function blend(
  { pixels, size, channels, frames }: Strip,
  { pixels: over, size: { width, height }, left, top }: Placed,
): void {
  const hasAlpha = channels === 4;
  for (let row = 0; row < frames * height; row++) {
    const y = Math.floor(row / height) * size.height + top + (row % height);
    let at = (y * size.width + left) * channels;
    let from = (row % height) * width * 4;
    for (let x = 0; x < width; x++, at += channels, from += 4) {
      const alpha = over[from + 3] ?? 0;
      if (alpha === 0) continue;
      const below = ((hasAlpha ? (pixels[at + 3] ?? 0) : 255) * (255 - alpha)) / 255;
      for (let i = 0; i < 3; i++)
        pixels[at + i] = Math.round(
          ((over[from + i] ?? 0) * alpha + (pixels[at + i] ?? 0) * below) / (alpha + below),
        );
      if (hasAlpha) pixels[at + 3] = Math.round(alpha + below);
    }
  }
}
