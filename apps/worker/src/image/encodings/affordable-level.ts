import { randomInt } from 'node:crypto';
import type { Strip } from '../frames.js';

/** Fewer bytes take less than 15 s at zlib's highest level, which takes up to 2.1 µs per byte. */
const CHEAP_BYTES = 7_000_000;
/**
 * Each variant of an image may take this long, so that it does not occupy its decoder for minutes. A photograph of 2560 × 2560
 * takes 6 s.
 */
const MOST_CPU_MS = 15_000;

/** A thirty-second of the rows, at random places in each eighth of the image, so that a caller cannot make just these rows fast. */
const SAMPLE = { parts: 8, share: 32 };

interface Levels {
  level: number;
  /** Takes a twentieth of the time at worst. */
  cheaper: number;
}

/**
 * The level, or the cheaper one where the level would take too long over these rows. Most rows take a tenth of the time of the
 * slowest, so a sample decides.
 * @param encode encodes rows at the level
 */
export async function affordableLevel(
  { level, cheaper }: Levels,
  rows: Strip,
  encode: (sample: Strip) => unknown,
): Promise<number> {
  if (isCheap(rows.pixels.length)) return level;
  const sample = sampleOf(rows);
  const begun = cpuMs();
  await encode(sample);
  const wholeMs = ((cpuMs() - begun) * rows.size.height) / sample.size.height;
  return wholeMs <= MOST_CPU_MS ? level : cheaper;
}

/** Whether any rows of so many bytes are fast enough. */
export const isCheap = (bytes: number): boolean => bytes <= CHEAP_BYTES;

/** CPU time of this process, which does nothing else meanwhile. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function sampleOf({ pixels, size, ...rest }: Strip): Strip {
  const stride = pixels.length / size.height;
  const eighth = Math.floor(size.height / SAMPLE.parts);
  const count = Math.max(1, Math.floor(size.height / (SAMPLE.parts * SAMPLE.share)));
  const parts = Array.from({ length: SAMPLE.parts }, (_, i) => {
    const first = i * eighth + randomInt(Math.max(1, eighth - count + 1));
    return pixels.subarray(first * stride, (first + count) * stride);
  });
  return { ...rest, pixels: Buffer.concat(parts), size: { ...size, height: SAMPLE.parts * count } };
}
