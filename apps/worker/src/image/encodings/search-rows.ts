import { deflate, LIBDEFLATE_BYTES } from './deflate.js';
import type { Encodings, Task } from './encoding.js';
import { filterRows } from './filter-rows.js';
import { pngFile } from './png-file.js';
import { PNG_TYPE, type PngRows } from './png-rows.js';
import { isSmall } from './quality.js';
import { pngEncoding } from './vips-png.js';

/** Level 9 takes at most 7 s for the bytes that libdeflate takes, and less than a second nearly always. */
const [FIRST, SECOND] = [6, 9];
/**
 * Level 12 takes ten times as long as level 9, up to 2 s for so many bytes, and saves 5 to 15 %: where a better deflate than
 * zlib made the source, it is needed. `gain` is by how much the level before may exceed what is enough.
 */
const LAST = { level: 12, maxBytes: 2_100_000, gain: 1.3 };
/** Images of so few pixels cost little in every way. */
const ICON_PIXELS = 32_000;

/** Compresses the rows at one level after the other, as long as the next one takes a bounded time and is likely to be enough. */
export async function* searchRows(task: Task, rows: PngRows, filters: Uint8Array | null): Encodings {
  const bytes = filterRows(rows, filters);
  const isIcon = rows.size.width * rows.size.height <= ICON_PIXELS;
  let best = Number.POSITIVE_INFINITY;
  for (const level of levelsOf(task, bytes)) {
    const file = pngFile(rows, deflate(bytes, level));
    best = Math.min(best, file.length);
    yield pngEncoding(nameOf(rows, level, filters !== null), file);
  }
  if (bytes.length > LAST.maxBytes || !(isIcon || best <= task.enough * LAST.gain)) return;
  yield pngEncoding(nameOf(rows, LAST.level, filters !== null), pngFile(rows, deflate(bytes, LAST.level)));
}

function levelsOf({ variant }: Task, bytes: Uint8Array): number[] {
  if (bytes.length > LIBDEFLATE_BYTES) return [FIRST];
  return isSmall(variant) ? [SECOND] : [FIRST, SECOND];
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
