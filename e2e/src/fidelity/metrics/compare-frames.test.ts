import { expect, test } from 'vitest';
import { compareFrames } from './compare-frames.js';

const SIDE = 64;

/** A frame of one colour, with other colours where `paint` returns them. */
function frame(paint: (x: number, y: number) => readonly number[]): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) pixels.set(paint(x, y), (y * SIDE + x) * 4);
  return pixels;
}
const compared = (a: Uint8Array, b: Uint8Array) => compareFrames(a, b, SIDE, SIDE);

const checks = frame((x, y) => ((x + y) % 8 < 4 ? [200, 180, 40, 255] : [20, 60, 90, 255]));

test('finds no difference in equal frames', () => {
  const same = { ssim: 1, deltaE: 0, worstTile: 0, alpha: 0, isIdentical: true };
  expect(compared(checks, checks.slice())).toEqual(same);
});

test('ignores the colour of transparent pixels', () => {
  expect(
    compared(
      frame(() => [255, 0, 0, 0]),
      frame(() => [0, 0, 255, 0]),
    ).isIdentical,
  ).toBe(true);
});

test('finds a lost line that hardly changes the mean', () => {
  const line = frame((x) => (x === 30 ? [255, 0, 0, 255] : [255, 255, 255, 255]));
  const { deltaE, worstTile, isIdentical } = compared(
    line,
    frame(() => [255, 255, 255, 255]),
  );
  expect(isIdentical).toBe(false);
  expect(deltaE).toBeLessThan(1);
  expect(worstTile).toBeGreaterThan(2);
});

test('finds a drawing on transparency in either colour', () => {
  const clear = frame(() => [0, 0, 0, 0]);
  for (const value of [0, 255]) {
    const drawing = frame((x) => (x < 32 ? [value, value, value, 255] : [0, 0, 0, 0]));
    const { ssim, deltaE, alpha } = compared(drawing, clear);
    expect(ssim).toBeLessThan(0.6);
    expect(deltaE).toBeGreaterThan(40);
    expect(alpha).toBe(127.5);
  }
});

test('lowers the SSIM with the noise', () => {
  const noisy = (amount: number) =>
    frame((x, y) => [
      ...checks.slice((y * SIDE + x) * 4, (y * SIDE + x) * 4 + 3).map((v) => v + ((x * 7 + y * 13) % amount)),
      255,
    ]);
  const [little, much] = [compared(checks, noisy(4)).ssim, compared(checks, noisy(40)).ssim];
  expect(little).toBeGreaterThan(0.99);
  expect(much).toBeLessThan(little);
});
