import { expect, test } from 'vitest';
import { compare } from './compare.js';
import type { Decoded } from './decoders/decoder.js';

/** An animation of single grey pixels. */
function animation(values: readonly number[], delays: readonly number[], plays = 0): Decoded {
  const frames = values.map((value) => Uint8Array.of(value, value, value, 255));
  return {
    width: 1,
    height: 1,
    delays,
    plays,
    colour: 'srgb',
    bits: 8,
    quality: null,
    frame: async (index) => frames[index] ?? new Uint8Array(),
    async [Symbol.asyncDispose]() {},
  };
}

const three = animation([10, 20, 30], [100, 200, 300]);

test('compares the frames in order', async () => {
  expect(await compare(three, animation([10, 20, 30], [100, 200, 300]))).toMatchObject({
    isIdentical: true,
    findings: [],
  });
  expect(await compare(three, animation([10, 20, 90], [100, 200, 300]))).toMatchObject({
    isIdentical: false,
  });
});

test('accepts that an encoder merges equal frames', async () => {
  const repeating = animation([10, 20, 20, 20], [100, 100, 100, 100]);
  const merged = animation([10, 20], [100, 300]);
  expect(await compare(repeating, merged)).toMatchObject({ isIdentical: true, findings: [] });
});

test('compares the frames that are shown at the same time', async () => {
  const late = animation([10, 20], [300, 100]);
  expect(await compare(animation([10, 20, 20, 20], [100, 100, 100, 100]), late)).toMatchObject({
    isIdentical: false,
  });
});

test('reports lost frames, another duration and other loops', async () => {
  const { findings } = await compare(three, animation([10, 20], [100, 400], 1));
  expect(findings).toEqual(['frames 3, then 2', 'duration 600 ms, then 500 ms', 'plays 0, then 1']);
});

test('reports an animation that became its first frame', async () => {
  expect((await compare(three, animation([10], [100]))).findings).toEqual(['frames 3, then 1']);
});

test('reports another size', async () => {
  const { findings, ssim } = await compare(three, { ...three, width: 2 });
  expect([findings, ssim]).toEqual([['size 1×1, then 2×1'], 0]);
});
