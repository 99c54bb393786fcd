import { expect, it, onTestFinished, vi } from 'vitest';
import type { Strip } from '../frames.js';
import { affordableLevel } from './affordable-level.js';

const LEVELS = { level: 9, cheaper: 6 };

/** Rows of 4,000 bytes; each begins with its place in the image, 0 to 255. */
function rowsOf(height: number): Strip {
  const pixels = Buffer.alloc(4000 * height);
  for (let row = 0; row < height; row++) pixels[row * 4000] = Math.floor((row * 256) / height);
  return { pixels, size: { width: 1000, height }, channels: 4, frames: 1 };
}

/** Lets each encoding take this much CPU time. */
function takeCpuMs(ms: number): void {
  let spentMs = 0;
  const usage = vi.spyOn(process, 'cpuUsage').mockImplementation(() => {
    const user = spentMs * 1000;
    spentMs += ms;
    return { user, system: 0 };
  });
  onTestFinished(() => usage.mockRestore());
}

it.each([
  [468, 9],
  [469, 6],
])('takes the level whose sample takes %i ms for a thirty-second of the rows: %i', async (ms, level) => {
  takeCpuMs(ms);
  expect(await affordableLevel(LEVELS, rowsOf(2048), () => {})).toBe(level);
});

it('samples rows from each eighth of the image, from other places each time', async () => {
  const samples: Strip[] = [];
  for (let i = 0; i < 10; i++) await affordableLevel(LEVELS, rowsOf(2048), (sample) => samples.push(sample));
  for (const { pixels, size } of samples) {
    expect([pixels.length, size]).toEqual([64 * 4000, { width: 1000, height: 64 }]);
    for (let part = 0; part < 8; part++) {
      const rows = Array.from({ length: 8 }, (_, row) => pixels[(part * 8 + row) * 4000] ?? -1);
      const [first = -1] = rows;
      // Eight rows that follow one another are in at most two of 256 places.
      expect(Math.max(...rows) - first).toBeLessThan(2);
      expect(Math.floor(first / 32)).toBe(part);
    }
  }
  expect(new Set(samples.map(({ pixels }) => pixels[0])).size).toBeGreaterThan(1);
});

it('encodes no sample of an image that is always fast', async () => {
  const encode = vi.fn();
  expect(await affordableLevel(LEVELS, rowsOf(1750), encode)).toBe(9);
  expect(encode).not.toHaveBeenCalled();
});
