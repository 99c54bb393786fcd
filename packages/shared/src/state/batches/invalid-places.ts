import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import { readGroups } from './read-groups.js';
import { type BatchFiles, ENTRIES_AT_ONCE, readIndex } from './read-items.js';
import { FORMAT } from './stored.js';

/** Places of invalid items from `from` on, in order, at most `count`. */
export async function findInvalidPlaces(batch: BatchFiles, from: number, count: number): Promise<number[]> {
  const { entry } = batch;
  const places: number[] = [];
  if (entry.invalid === 0 || count <= 0) return places;
  if (entry.format !== FORMAT) {
    for await (const { place, item } of readGroups(batch, from, entry.total)) {
      if (item.fault !== null) places.push(place);
      if (places.length >= count) break;
    }
    return places;
  }
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
