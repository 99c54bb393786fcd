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

/** RGBA. Pixels are sampled: `resize` of 2560 × 1920 pixels takes four times the CPU time, and looks the same. */
async function pixelsOf(base: Base, target: Target): Promise<Buffer> {
  const { size } = base;
  const whole = await base.strip({ scale: 1, scaled: size, size }, 'first');
  if (whole !== null) return sampleMeans(whole, target.size);
  const image = await base.open(target, 'first');
  return image.toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer();
}

/** Rows that are read for a row of the placeholder. */
const ROWS = 4;
/** In these rows, every pixel of a small image is read, and at least this many for a column. */
const COLUMNS = 16;

/** RGBA of each cell: means weighted by alpha, so that invisible pixels do not count. */
function sampleMeans({ pixels, size, channels }: Strip, { width, height }: Size): Buffer {
  const sums = new Float64Array(width * height * 4);
  const counts = new Uint32Array(width * height);
  const step = oddStep(size.height / height / ROWS);
  const across = oddStep(size.width / width / COLUMNS) * channels;
  const [toGreen, toBlue] = channels < 3 ? [0, 0] : [1, 2];
  const toAlpha = channels % 2 === 0 ? channels - 1 : null;
  for (let y = 0; y < size.height; y += step) {
    const row = Math.floor((y * height) / size.height) * width;
    let at = y * size.width * channels;
    for (let column = 0; column < width; column++) {
      const end = (y * size.width + Math.floor(((column + 1) * size.width) / width)) * channels;
      let [red, green, blue, alpha, count] = [0, 0, 0, 0, 0];
      for (; at < end; at += across, count++) {
        const weight = toAlpha === null ? 255 : (pixels[at + toAlpha] ?? 0);
        red += (pixels[at] ?? 0) * weight;
        green += (pixels[at + toGreen] ?? 0) * weight;
        blue += (pixels[at + toBlue] ?? 0) * weight;
        alpha += weight;
      }
      const cell = row + column;
      const to = cell * 4;
      counts[cell] = (counts[cell] ?? 0) + count;
      sums[to] = (sums[to] ?? 0) + red;
      sums[to + 1] = (sums[to + 1] ?? 0) + green;
      sums[to + 2] = (sums[to + 2] ?? 0) + blue;
      sums[to + 3] = (sums[to + 3] ?? 0) + alpha;
    }
  }
  return Buffer.from(
    sums.map((sum, i) => {
      const cell = i >> 2;
      const divisor = (i & 3) === 3 ? counts[cell] : sums[cell * 4 + 3];
      return Math.round(sum / (divisor || 1));
    }),
  );
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

// The mean colour of the fullest of 8 × 8 × 8 bins, ignoring pixels that are mostly transparent. sharp's `stats` counts
// these, and takes 4.5 ms of CPU time, more than the rest of the placeholder.
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
