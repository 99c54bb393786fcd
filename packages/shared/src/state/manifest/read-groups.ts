import { type BatchFiles, type IndexPart, readCells, readIndex, readItems } from './read-items.js';
import { MAX_ROW_ITEMS } from './stored.js';

/** Reads items in groups of bounded size, each with the cells of its row if `withCells`. */
export async function* readGroups(batch: BatchFiles, from: number, to: number, { withCells = false } = {}) {
  const last = Math.min(to, batch.entry.total);
  for (let start = from; start < last; ) {
    // Up to the next row, where the cells of the last row end.
    const indexEnd = start + ITEMS_AT_ONCE + MAX_ROW_ITEMS + 1;
    const index = await readIndex(batch, start, Math.min(indexEnd, batch.entry.total));
    const end = endOfGroup(index, Math.min(start + ITEMS_AT_ONCE, last), withCells);
    const { items } = await readItems(batch, start, end);
    const cells = withCells ? await cellsOf(batch, index, end) : [];
    for (const [i, item] of items.entries()) yield { place: start + i, item, cells: cells[i] ?? [] };
    start = end;
  }
}

/** Most items per read, and most bytes of their lines and of their cells if there are several items. */
const ITEMS_AT_ONCE = 256;
const BYTES_AT_ONCE = 512 * 1024;

/** The end of the items that one read returns. */
function endOfGroup(index: IndexPart, to: number, withCells: boolean): number {
  const { from, offset, cellsOffset } = index;
  const isWithin = (place: number) =>
    offset(place) - offset(from) <= BYTES_AT_ONCE &&
    (!withCells || cellsOffset(place) - cellsOffset(from) <= BYTES_AT_ONCE);
  let end = from + 1;
  while (end < to && isWithin(end)) end++;
  return end;
}

/** The cells of each item's row. */
async function cellsOf(batch: BatchFiles, index: IndexPart, end: number): Promise<string[][]> {
  let next = end;
  while (next < batch.entry.total && index.continues(next)) next++;
  const cellsEnd = next < batch.entry.total ? index.cellsOffset(next) : null;
  const rows = await readCells(batch, index.cellsOffset(index.from), cellsEnd);
  let row = -1;
  return Array.from({ length: end - index.from }, (_, i) => {
    if (i === 0 || !index.continues(index.from + i)) row++;
    return rows[row] ?? [];
  });
}
