import type { Placeholder } from '@pixdock/contract/receipt';
import { rgbaToThumbHash } from 'thumbhash';
import type { Base } from './base.js';
import type { Strip } from './frames.js';
import { type Size, type Target, targetOf } from './geometry.js';

/** ThumbHash accepts sides up to 100 and stores 7 waves for each; its cost grows with the square of the side. */
const SIDE = 48;

/** Computes the ThumbHash (base64) and the dominant colour of the first frame. */
export async function makePlaceholder(base: Base): Promise<Placeholder> {
  const target = targetOf(base.size, { fit: 'inside', width: SIDE, height: SIDE }, 'png');
  const pixels = await pixelsOf(base, target);
  const { width, height } = target.size;
  return {
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, pixels)).toString('base64'),
    color: dominantColour(pixels),
  };
}

/** RGBA. An opaque image is sampled: the mean of all pixels takes two to four times as long, and looks the same. */
async function pixelsOf(base: Base, target: Target): Promise<Buffer> {
  const { size } = base;
  const whole = await base.strip({ scale: 1, scaled: size, size }, 'first');
  if (whole?.channels === 3) return sampleMeans(whole, target.size);
  const image = await base.open(target, 'first');
  return image.toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer();
}

/** Rows that are read for a row of the placeholder. */
const ROWS = 4;
/** In these rows, every pixel of a small image is read, and at least this many for a column. */
const COLUMNS = 16;

function sampleMeans({ pixels, size }: Strip, { width, height }: Size): Buffer {
  const sums = new Uint32Array(width * height * 3);
  const counts = new Uint32Array(width * height);
  const step = oddStep(size.height / height / ROWS);
  const across = oddStep(size.width / width / COLUMNS);
  for (let y = 0; y < size.height; y += step) {
    const row = Math.floor((y * height) / size.height) * width;
    let at = y * size.width * 3;
    for (let column = 0; column < width; column++) {
      const cell = row + column;
      const end = (y * size.width + Math.floor(((column + 1) * size.width) / width)) * 3;
      let [red, green, blue, count] = [0, 0, 0, 0];
      for (; at < end; at += 3 * across, count++) {
        red += pixels[at] ?? 0;
        green += pixels[at + 1] ?? 0;
        blue += pixels[at + 2] ?? 0;
      }
      counts[cell] = (counts[cell] ?? 0) + count;
      sums[cell * 3] = (sums[cell * 3] ?? 0) + red;
      sums[cell * 3 + 1] = (sums[cell * 3 + 1] ?? 0) + green;
      sums[cell * 3 + 2] = (sums[cell * 3 + 2] ?? 0) + blue;
    }
  }
  const means = Buffer.alloc(width * height * 4, 255);
  for (let cell = 0; cell < width * height; cell++)
    for (let channel = 0; channel < 3; channel++)
      means[cell * 4 + channel] = Math.round((sums[cell * 3 + channel] ?? 0) / (counts[cell] ?? 1));
  return means;
}

/** Odd, so that it does not coincide with the period of a pattern. */
const oddStep = (pixels: number) => 2 * Math.floor(pixels / 2) + 1;

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
    const [red, green, blue] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    if ((pixels[at + 3] ?? 0) < 128) continue;
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
