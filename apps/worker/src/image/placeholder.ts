import type { Placeholder } from '@pixdock/contract/image';
import { rgbaToThumbHash } from 'thumbhash';
import type { Base } from './decode.js';
import { targetOf } from './geometry.js';

/** ThumbHash accepts sides up to 100 and stores 7 waves for each; its cost grows with the square of the side. */
const SIDE = 48;

/** Computes the ThumbHash (base64) and the dominant colour of the first frame. */
export async function makePlaceholder(base: Base): Promise<Placeholder> {
  const target = targetOf(base.size, { fit: 'inside', width: SIDE, height: SIDE }, 'png');
  const image = await base.open(target, 'first');
  const pixels = await image.toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer();
  const { width, height } = target.size;
  return {
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, pixels)).toString('base64'),
    color: dominantColour(pixels),
  };
}

interface Bin {
  count: number;
  red: number;
  green: number;
  blue: number;
}

const NO_BIN: Bin = { count: 0, red: 0, green: 0, blue: 0 };

// The mean colour of the fullest of 8 × 8 × 8 bins, ignoring pixels that are mostly transparent.
function dominantColour(pixels: Buffer): string {
  const bins = new Map<number, Bin>();
  for (let at = 0; at < pixels.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(at, at + 4);
    if (alpha < 128) continue;
    const key = ((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5);
    const bin = bins.get(key) ?? { count: 0, red: 0, green: 0, blue: 0 };
    bins.set(key, bin);
    bin.count++;
    bin.red += red;
    bin.green += green;
    bin.blue += blue;
  }
  const { count, red, green, blue } = [...bins.values()].reduce(
    (a, b) => (b.count > a.count ? b : a),
    NO_BIN,
  );
  const hex = (sum: number) =>
    Math.round(count === 0 ? 255 : sum / count)
      .toString(16)
      .padStart(2, '0');
  return `#${hex(red)}${hex(green)}${hex(blue)}`;
}
