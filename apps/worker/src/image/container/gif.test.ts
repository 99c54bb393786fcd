import { expect, it, vi } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { open, scene } from '../testing/pictures.js';
import { gifBlocks } from './gif.js';

it('finds the blocks around megabytes of padding without a step for each byte', async () => {
  const gif = await open(scene(8, 8)).gif().toBuffer();
  const end = gif.length - 1;
  const padded = Buffer.concat([gif.subarray(0, end), Buffer.alloc(1024 * 1024), gif.subarray(end)]);
  const [types, steps] = withBytes(padded, (bytes) => {
    const read = vi.spyOn(bytes, 'at');
    return [[...gifBlocks(bytes)].map(({ type }) => type), read.mock.calls.length];
  });
  expect(types).toEqual(withBytes(gif, (bytes) => [...gifBlocks(bytes)].map(({ type }) => type)));
  expect(types.at(-1)).toBe('end');
  expect(steps).toBeLessThan(1000);
});
