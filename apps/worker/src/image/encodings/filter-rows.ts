import type { PngRows } from './png-rows.js';

/**
 * Writes each row after its filter type.
 * @param filters the filter type of each row; null for no filters
 */
export function filterRows({ bytes, stride, left, size }: PngRows, filters: Uint8Array | null): Buffer {
  const rows = Buffer.allocUnsafe((stride + 1) * size.height);
  const above = new Uint8Array(stride);
  for (let y = 0; y < size.height; y++) {
    const row = bytes.subarray(y * stride, (y + 1) * stride);
    const up = y === 0 ? above : bytes.subarray((y - 1) * stride, y * stride);
    const at = y * (stride + 1);
    const filter = filters?.[y] ?? 0;
    rows[at] = filter;
    (FILTERS[filter] ?? keep)(rows.subarray(at + 1, at + 1 + stride), row, up, left);
  }
  return rows;
}

/** Writes the differences of `row` from a prediction (PNG 3rd edition, 9.2). `left` is the distance to the left pixel. */
type Filter = (to: Uint8Array, row: Uint8Array, up: Uint8Array, left: number) => void;

const FILTERS: readonly Filter[] = [keep, fromLeft, fromUp, fromMean, fromPaeth];

function keep(to: Uint8Array, row: Uint8Array): void {
  to.set(row);
}

function fromLeft(to: Uint8Array, row: Uint8Array, _up: Uint8Array, left: number): void {
  to.set(row.subarray(0, left));
  for (let x = left; x < row.length; x++) to[x] = (row[x] ?? 0) - (row[x - left] ?? 0);
}

function fromUp(to: Uint8Array, row: Uint8Array, up: Uint8Array): void {
  for (let x = 0; x < row.length; x++) to[x] = (row[x] ?? 0) - (up[x] ?? 0);
}

function fromMean(to: Uint8Array, row: Uint8Array, up: Uint8Array, left: number): void {
  for (let x = 0; x < left; x++) to[x] = (row[x] ?? 0) - ((up[x] ?? 0) >> 1);
  for (let x = left; x < row.length; x++)
    to[x] = (row[x] ?? 0) - (((row[x - left] ?? 0) + (up[x] ?? 0)) >> 1);
}

function fromPaeth(to: Uint8Array, row: Uint8Array, up: Uint8Array, left: number): void {
  for (let x = 0; x < left; x++) to[x] = (row[x] ?? 0) - (up[x] ?? 0);
  for (let x = left; x < row.length; x++) {
    const [a, b, corner] = [row[x - left] ?? 0, up[x] ?? 0, up[x - left] ?? 0];
    to[x] = (row[x] ?? 0) - paeth(a, b, corner);
  }
}

function paeth(a: number, b: number, corner: number): number {
  const toA = Math.abs(b - corner);
  const toB = Math.abs(a - corner);
  const toCorner = Math.abs(a + b - 2 * corner);
  if (toA <= toB && toA <= toCorner) return a;
  return toB <= toCorner ? b : corner;
}
