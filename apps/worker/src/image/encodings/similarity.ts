import type { Strip } from '../frames.js';

export interface Luma {
  values: Float32Array;
  width: number;
  height: number;
}

/** BT.601 luma of RGB. */
export function lumaOf({ pixels, size, channels }: Strip): Luma {
  const values = new Float32Array(size.width * size.height);
  for (let i = 0, at = 0; i < values.length; i++, at += channels)
    values[i] = 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0);
  return { values, ...size };
}

/** Constants of Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity". */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;
const WINDOW = 8;
const STEP = 4;

/** Mean structural similarity over square windows that do not cross the edges of tiles. */
export function similarity(a: Luma, b: Luma, tile: number): number {
  let sum = 0;
  let windows = 0;
  for (let y = 0; y + WINDOW <= a.height; y += STEP)
    for (let x = 0; x + WINDOW <= a.width; x += STEP) {
      if ((x % tile) + WINDOW > tile || (y % tile) + WINDOW > tile) continue;
      sum += ofWindow(a, b, y * a.width + x);
      windows++;
    }
  return sum / windows;
}

function ofWindow(a: Luma, b: Luma, start: number): number {
  let [sumA, sumB, squareA, squareB, both] = [0, 0, 0, 0, 0];
  for (let row = 0; row < WINDOW; row++)
    for (let at = start + row * a.width, end = at + WINDOW; at < end; at++) {
      const x = a.values[at] ?? 0;
      const y = b.values[at] ?? 0;
      sumA += x;
      sumB += y;
      squareA += x * x;
      squareB += y * y;
      both += x * y;
    }
  const count = WINDOW * WINDOW;
  const [meanA, meanB] = [sumA / count, sumB / count];
  const variances = (squareA + squareB) / count - meanA * meanA - meanB * meanB;
  const covariance = both / count - meanA * meanB;
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (variances + C2))
  );
}
