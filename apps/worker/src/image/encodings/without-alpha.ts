import type { Strip } from '../frames.js';

interface WithoutAlpha {
  strip: Strip;
  /** The samples of the invisible pixels; null without any. */
  colour: number[] | null;
}

/**
 * Replaces the alpha channel by a transparent colour. Null unless every pixel is invisible or opaque, the invisible ones have one
 * colour, and the opaque ones have others.
 */
export function withoutAlpha(strip: Strip): WithoutAlpha | null {
  const { pixels, channels } = strip;
  if (channels !== 2 && channels !== 4) return null;
  const kept = channels === 4 ? 3 : 1;
  const colour = invisibleColour(pixels, kept);
  const opaque = Buffer.allocUnsafe((pixels.length / channels) * kept);
  for (let from = 0, to = 0; from < pixels.length; from += channels, to += kept) {
    let isColour = colour !== null;
    for (let channel = 0; channel < kept; channel++) {
      const sample = pixels[from + channel] ?? 0;
      isColour &&= sample === colour?.[channel];
      opaque[to + channel] = sample;
    }
    if (pixels[from + kept] !== (isColour ? 0 : 255)) return null;
  }
  return { strip: { ...strip, pixels: opaque, channels: kept }, colour };
}

/** The colour of the first invisible pixel. */
function invisibleColour(pixels: Buffer, kept: number): number[] | null {
  for (let at = 0; at < pixels.length; at += kept + 1)
    if (pixels[at + kept] === 0) return [...pixels.subarray(at, at + kept)];
  return null;
}
