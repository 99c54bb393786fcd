import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import { type BatchFiles, ENTRIES_AT_ONCE, readIndex } from './read-items.js';

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
