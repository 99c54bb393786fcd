import { expect, it, onTestFinished, vi } from 'vitest';
import type { Strip } from '../frames.js';
import { affordableLevel } from './affordable-level.js';

const LEVELS = { level: 9, cheaper: 6 };

/** Rows of 4,000 bytes that all have the number of their row, modulo 256. */
function rowsOf(height: number): Strip {
  const pixels = Buffer.alloc(4000 * height);
  for (let row = 0; row < height; row++) pixels.fill(row % 256, row * 4000, (row + 1) * 4000);
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
  [250, 9],
  [251, 6],
])('takes the level whose sample takes %i ms for a thirty-second of the rows: %i', async (ms, level) => {
  takeCpuMs(ms);
  expect(await affordableLevel(LEVELS, rowsOf(1024), () => {})).toBe(level);
});

it('samples rows from each eighth of the image, from other places each time', async () => {
  const samples: Strip[] = [];
  for (let i = 0; i < 10; i++) await affordableLevel(LEVELS, rowsOf(1024), (sample) => samples.push(sample));
  for (const { pixels, size } of samples) {
    expect([pixels.length, size]).toEqual([32 * 4000, { width: 1000, height: 32 }]);
    for (let part = 0; part < 8; part++) {
      const first = pixels[part * 16_000] ?? -1;
      const rows = [0, 1, 2, 3].map((row) => pixels[part * 16_000 + row * 4000]);
      expect(rows).toEqual([0, 1, 2, 3].map((row) => first + row));
      expect(Math.floor(first / 128)).toBe(part % 2);
    }
  }
  expect(new Set(samples.map(({ pixels }) => pixels[0])).size).toBeGreaterThan(1);
});

it('encodes no sample of an image that is always fast', async () => {
  const encode = vi.fn();
  expect(await affordableLevel(LEVELS, rowsOf(950), encode)).toBe(9);
  expect(encode).not.toHaveBeenCalled();
});
