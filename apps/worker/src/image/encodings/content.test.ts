import { expect, it, onTestFinished, vi } from 'vitest';
import type { Strip } from '../frames.js';
import { coloursOf, flatness, toGrey } from './content.js';

const strip = (
  pixels: number[],
  channels: Strip['channels'] = 3,
  width = pixels.length / channels,
): Strip => ({
  pixels: Buffer.from(pixels),
  size: { width, height: pixels.length / channels / width },
  channels,
  frames: 1,
});
const manyColours = (count: number) =>
  strip(Array.from({ length: count }, (_, i) => [i & 255, i >> 8, 7]).flat());

it('finds up to 256 colours', () => {
  expect(coloursOf(strip([9, 8, 7, 1, 2, 3, 9, 8, 7]))).toEqual([0xff070809 | 0, 0xff030201 | 0]);
  expect(coloursOf(manyColours(256))?.length).toBe(256);
  expect(coloursOf(manyColours(257))).toBeNull();
});

it('hashes the colours of each image differently, so that none can be chosen to collide', () => {
  const multiply = vi.spyOn(Math, 'imul');
  onTestFinished(() => multiply.mockRestore());
  const multipliers = [1, 2].map(() => {
    multiply.mockClear();
    coloursOf(strip([1, 2, 3]));
    return multiply.mock.lastCall?.[1] ?? 0;
  });
  expect(multipliers.map((multiplier) => multiplier % 2)).toEqual([1, 1]);
  expect(multipliers[0]).not.toBe(multipliers[1]);
});

it('tells colours apart by their alpha', () => {
  expect(coloursOf(strip([5, 5, 5, 0, 5, 5, 5, 255, 0, 0, 0, 0], 4))).toEqual([
    0x00050505,
    0xff050505 | 0,
    0,
  ]);
});

it('keeps one channel of a grey image, and its alpha', () => {
  expect(toGrey(strip([1, 1, 1, 200, 200, 200]))).toMatchObject({ channels: 1, pixels: Buffer.of(1, 200) });
  expect(toGrey(strip([1, 1, 1, 0, 9, 9, 9, 128], 4))).toMatchObject({
    channels: 2,
    pixels: Buffer.of(1, 0, 9, 128),
  });
  expect(toGrey(strip([1, 1, 1, 200, 200, 201]))).toBeNull();
});

it('measures flatness over the visible pixels', () => {
  expect(flatness(strip([1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3]))).toBe(0.5);
  expect(flatness(strip([1, 1, 1, 255, 2, 2, 2, 255, 0, 0, 0, 0, 0, 0, 0, 0], 4))).toBe(0);
  expect(flatness(strip([1, 2, 3]))).toBe(1);
});
