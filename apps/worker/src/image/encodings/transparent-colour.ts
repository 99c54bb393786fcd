import type { Strip } from '../frames.js';

/** Pixels without alpha; those of `colour` are invisible. */
interface WithTransparentColour {
  strip: Strip;
  colour: Buffer;
}

/** Removes the alpha where all invisible pixels have one colour, no other pixel has it, and none is half visible; otherwise null. */
export function withTransparentColour(strip: Strip): WithTransparentColour | null {
  const { pixels, channels } = strip;
  if (channels !== 2 && channels !== 4) return null;
  const kept = channels === 4 ? 3 : 1;
  const invisible = findInvisible(pixels, channels);
  if (invisible === -1) return null;
  const colour = Buffer.from(pixels.subarray(invisible, invisible + kept));
  const opaque = Buffer.alloc((pixels.length / channels) * kept);
  for (let from = 0, to = 0; from < pixels.length; from += channels, to += kept) {
    let channel = 0;
    while (channel < kept && pixels[from + channel] === colour[channel]) channel++;
    if (pixels[from + kept] !== (channel === kept ? 0 : 255)) return null;
    pixels.copy(opaque, to, from, from + kept);
  }
  return { strip: { ...strip, pixels: opaque, channels: kept }, colour };
}

function findInvisible(pixels: Buffer, channels: number): number {
  for (let at = 0; at < pixels.length; at += channels) if (pixels[at + channels - 1] === 0) return at;
  return -1;
}
