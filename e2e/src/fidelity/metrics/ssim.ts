/** Constants and window of Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity". */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;
const RADIUS = 5;
const SIGMA = 1.5;
const WINDOW = gaussian();

/** Mean structural similarity of two planes of 8-bit values; 1 when they are equal. The edges are repeated outwards. */
export function ssim(a: Float32Array, b: Float32Array, width: number, height: number): number {
  const smooth = smoother(width, height);
  const product = new Float32Array(a.length);
  const smoothProduct = (x: Float32Array, y: Float32Array) => {
    for (let i = 0; i < product.length; i++) product[i] = (x[i] ?? 0) * (y[i] ?? 0);
    return smooth(product);
  };
  const [meanA, meanB] = [smooth(a), smooth(b)];
  const [squareA, squareB, both] = [smoothProduct(a, a), smoothProduct(b, b), smoothProduct(a, b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const x = meanA[i] ?? 0;
    const y = meanB[i] ?? 0;
    const variances = (squareA[i] ?? 0) - x * x + (squareB[i] ?? 0) - y * y;
    const covariance = (both[i] ?? 0) - x * y;
    sum += ((2 * x * y + C1) * (2 * covariance + C2)) / ((x * x + y * y + C1) * (variances + C2));
  }
  return sum / a.length;
}

function gaussian(): number[] {
  const weights = Array.from({ length: RADIUS + 1 }, (_, i) => Math.exp(-(i * i) / (2 * SIGMA * SIGMA)));
  const total = weights.reduce((sum, weight, i) => sum + (i === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / total);
}

/** Filters the rows, then the columns; a window is symmetric, so each weight serves two values. */
function smoother(width: number, height: number): (plane: Float32Array) => Float32Array {
  const padded = new Float32Array(Math.max(width, height) + 2 * RADIUS);
  const rows = new Float32Array(width * height);
  return (plane) => {
    const result = new Float32Array(plane.length);
    for (let y = 0; y < height; y++) smoothLine(plane, rows, y * width, 1, width);
    for (let x = 0; x < width; x++) smoothLine(rows, result, x, width, height);
    return result;
  };

  function smoothLine(
    from: Float32Array,
    to: Float32Array,
    start: number,
    step: number,
    length: number,
  ): void {
    for (let i = 0; i < length; i++) padded[i + RADIUS] = from[start + i * step] ?? 0;
    padded.fill(padded[RADIUS] ?? 0, 0, RADIUS);
    padded.fill(padded[length + RADIUS - 1] ?? 0, length + RADIUS, length + 2 * RADIUS);
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0, w5 = 0] = WINDOW;
    for (let i = 0; i < length; i++)
      to[start + i * step] =
        w0 * (padded[i + 5] ?? 0) +
        w1 * ((padded[i + 4] ?? 0) + (padded[i + 6] ?? 0)) +
        w2 * ((padded[i + 3] ?? 0) + (padded[i + 7] ?? 0)) +
        w3 * ((padded[i + 2] ?? 0) + (padded[i + 8] ?? 0)) +
        w4 * ((padded[i + 1] ?? 0) + (padded[i + 9] ?? 0)) +
        w5 * ((padded[i] ?? 0) + (padded[i + 10] ?? 0));
  }
}
