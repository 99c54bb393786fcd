import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import { type BatchFiles, ENTRIES_AT_ONCE, readIndex } from './read-items.js';
import { readRange } from './read-range.js';

/** Lines read at a time: at most about 3 MiB, usually 60 KiB. */
const LINES_AT_ONCE = 256;

/**
 * Places of the items whose line has the text, and of the following items of their row, in order. Searches the bytes:
 * parsing 100,000 rows would take a second.
 */
export async function findPlaces(batch: BatchFiles, text: string): Promise<number[]> {
  const { files, entry } = batch;
  const places: number[] = [];
  let isRowFound = false;
  for (let from = 0; from < entry.total; from += LINES_AT_ONCE) {
    if (isSliceOver()) await nextSlice();
    const to = Math.min(from + LINES_AT_ONCE, entry.total);
    const index = await readIndex(batch, from, Math.min(to + 1, entry.total));
    const start = index.offset(from);
    const lines = await readRange(files.items, start, to < entry.total ? index.offset(to) - start : null);
    let found = lines.indexOf(text);
    for (let place = from; place < to; place++) {
      const end = place + 1 < to ? index.offset(place + 1) - start : lines.length;
      const isFound = found !== -1 && found < end;
      if (isFound) found = lines.indexOf(text, end);
      isRowFound = isFound || (isRowFound && index.continues(place));
      if (isRowFound) places.push(place);
    }
  }
  return places;
}

/** Places of invalid items from `from` on, in order, at most `count`. */
export async function findInvalidPlaces(batch: BatchFiles, from: number, count: number): Promise<number[]> {
  const { entry } = batch;
  const places: number[] = [];
  if (entry.invalid === 0 || count <= 0) return places;
  for (let start = from; start < entry.total; start += ENTRIES_AT_ONCE) {
    if (isSliceOver()) await nextSlice();
    const part = await readIndex(batch, start, Math.min(start + ENTRIES_AT_ONCE, entry.total));
    for (let place = start; place < start + part.count; place++) {
      if (part.isInvalid(place)) places.push(place);
      if (places.length >= count) return places;
    }
  }
  return places;
}
