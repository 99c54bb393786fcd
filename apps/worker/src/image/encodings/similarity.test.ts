import { expect, it } from 'vitest';
import { type Luma, lumaOf, similarity } from './similarity.js';

const lumaFrom = (value: (x: number, y: number) => number, side = 32): Luma => ({
  values: Float32Array.from({ length: side * side }, (_, i) => value(i % side, Math.floor(i / side))),
  width: side,
  height: side,
});
const checks = (x: number, y: number) => 100 + 40 * ((x + y) % 2);

it('is 1 for equal images and falls with the difference', () => {
  const image = lumaFrom(checks);
  expect(similarity(image, image, 16)).toBe(1);
  const [near, far] = [4, 30].map((step) =>
    similarity(
      image,
      lumaFrom((x, y) => checks(x, y) + (x % 3) * step),
      16,
    ),
  );
  expect(near).toBeLessThan(1);
  expect(far).toBeLessThan(near ?? 0);
});

it('compares no window that crosses the edge of a tile', () => {
  const halves = (right: number) => lumaFrom((x) => (x < 16 ? 10 : right));
  const ofRight = (2 * 200 * 100 + 6.5025) / (200 ** 2 + 100 ** 2 + 6.5025);
  expect(similarity(halves(200), halves(100), 16)).toBeCloseTo((1 + ofRight) / 2, 6);
  expect(similarity(halves(200), halves(100), 32)).not.toBeCloseTo((1 + ofRight) / 2, 3);
});

it('weighs red, green and blue as BT.601 does', () => {
  const pixels = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255]);
  const { values } = lumaOf({ pixels, size: { width: 3, height: 1 }, channels: 3, frames: 1 });
  expect([...values].map(Math.round)).toEqual([76, 150, 29]);
});
