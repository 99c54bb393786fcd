import { deflate, LIBDEFLATE_BYTES } from './deflate.js';
import type { Encodings, Task } from './encoding.js';
import { filterRows } from './filter-rows.js';
import { pngFile } from './png-file.js';
import { PNG_TYPE, type PngRows } from './png-rows.js';
import { isSmall } from './quality.js';
import { pngEncoding } from './vips-png.js';

interface Level {
  level: number;
  maxBytes: number;
  /** By how much the smallest of the levels before may exceed what is enough. */
  gain: number;
}

const NO_LIMIT = Number.POSITIVE_INFINITY;
/** Level 12 takes up to a second for a million bytes. */
const SLOW_BYTES = 4_200_000;
/**
 * Level 9 takes up to 0.5 µs per byte. Levels 10 and 12 look for the smallest stream: 10 typically takes twice the time of 9, and
 * 12 four times that of 10. Each saves about 5 %. Where a better deflate than zlib made the source, they are needed.
 */
const LEVELS: readonly Level[] = [
  { level: 6, maxBytes: NO_LIMIT, gain: NO_LIMIT },
  { level: 9, maxBytes: LIBDEFLATE_BYTES, gain: NO_LIMIT },
  { level: 10, maxBytes: 2 * SLOW_BYTES, gain: 1.6 },
  { level: 12, maxBytes: SLOW_BYTES, gain: 1.3 },
];
/** Images of so few pixels cost little in every way. */
const ICON_PIXELS = 32_000;

/** Compresses the rows at one level after the other, as long as the next one takes a bounded time and is likely to be enough. */
export async function* searchRows(task: Task, rows: PngRows, filters: Uint8Array | null): Encodings {
  const bytes = filterRows(rows, filters);
  const isIcon = rows.size.width * rows.size.height <= ICON_PIXELS;
  let best = 0;
  const skipsFirst = isSmall(task.variant) && bytes.length <= LIBDEFLATE_BYTES;
  for (const { level, maxBytes, gain } of skipsFirst ? LEVELS.slice(1) : LEVELS) {
    if (bytes.length > maxBytes || (!isIcon && best > task.enough * gain)) return;
    const file = pngFile(rows, deflate(bytes, level));
    best = best === 0 ? file.length : Math.min(best, file.length);
    yield pngEncoding(nameOf(rows, level, filters !== null), file);
  }
}

/** For the receipt. */
function nameOf({ type }: PngRows, level: number, isFiltered: boolean): string {
  const kind = KINDS[type] ?? '';
  return `png ${kind}level ${level}${isFiltered ? ' filtered like the source' : ''}`;
}

const KINDS: Readonly<Record<number, string>> = {
  [PNG_TYPE.palette]: 'palette ',
  [PNG_TYPE.grey]: 'grey ',
  [PNG_TYPE.greyAlpha]: 'grey ',
};
