import { stat } from 'node:fs/promises';
import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import { readIfThere } from '../files/durable.js';
import { batchFiles } from '../files/layout.js';
import { type BatchEntry, batchEntrySchema } from '../records/batch-entry.js';
import { itemId, placeOf } from '../records/item-id.js';
import type { ManifestItem } from '../records/manifest-item.js';
import type { Origin } from '../records/origin.js';
import { type Duplicates, findDuplicates } from './duplicates.js';
import { type ManifestCaches, openManifestCaches } from './manifest-caches.js';
import { type BatchFiles, type IndexPart, readCells, readIndex, readItems, readRange } from './read-items.js';
import {
  FORMAT,
  headerSetsSchema,
  indexBytesOf,
  MAX_ROW_ITEMS,
  sameRequest,
  type Tables,
  tablesSchema,
} from './stored.js';

/** Most items per read, and most bytes of their lines and of their cells if there are several items. */
const AT_ONCE = 256;
const BYTES_AT_ONCE = 512 * 1024;
/** Items per cached chunk. */
const CHUNK = 64;
/** Bytes of an item in memory beside its text. */
const ITEM_BYTES = 1024;
/** Index entries read at a time. */
const ENTRIES_AT_ONCE = 4096;

/** A committed batch in staging, which is immutable. */
export interface Manifest {
  folder: string;
  entry: BatchEntry;
  /** Approximate size in memory, without items, headers and duplicates, which have separate caches. */
  bytes: number;
  /** Id of the item at a place, from 0. */
  id(place: number): string;
  /** The place of an item's id; null for the id of another image. */
  place(imageId: string): number | null;
  item(place: number): Promise<ManifestItem>;
  /** The origin of an item's source; null for an invalid row, or if the request headers are gone. */
  origin(place: number): Promise<Origin | null>;
  /** Items of the places from `from` up to, but not including, `to`. */
  items(from: number, to?: number): AsyncGenerator<{ place: number; item: ManifestItem }>;
  /** As `items`, with the cells of the item's row, which items of one row share. */
  itemsWithCells(from: number): AsyncGenerator<{ place: number; item: ManifestItem; cells: string[] }>;
  /** Places of invalid items from `from` on, in order, at most `count`. */
  invalidPlaces(from: number, count: number): Promise<number[]>;
  /** The first item with the same source, if it is another one. */
  leaderOf(place: number): Promise<number | null>;
  /** The later items with the same source, if this is the first one. */
  followersOf(place: number): Promise<Uint32Array>;
  /** Whether two items of this batch send the same request. */
  sameAddress(a: ManifestItem, b: ManifestItem): boolean;
}

/** Opens a batch; null if it does not exist. */
export async function openManifest(
  folder: string,
  caches: ManifestCaches = openManifestCaches(),
): Promise<Manifest | null> {
  const files = batchFiles(folder);
  const text = await readIfThere(files.entry);
  if (text === null) return null;
  const entry = batchEntrySchema.parse(JSON.parse(text));
  const { tables, bytes } = await readTables(files.tables);
  const batch: BatchFiles = { files, entry, tables };

  function duplicates(): Promise<Duplicates> {
    return caches.duplicates.get(entry.id, async () => {
      const value = await findDuplicates(indexPieces(batch), indexBytesOf(entry), entry.total);
      return { value, bytes: value.bytes };
    });
  }

  async function chunkWith(place: number): Promise<ManifestItem[]> {
    const from = place - (place % CHUNK);
    return caches.chunks.get(`${entry.id} ${from}`, async () => {
      const found = await readItems(batch, from, Math.min(from + CHUNK, entry.total));
      return { value: found.read.map(({ item }) => item), bytes: 2 * found.bytes + CHUNK * ITEM_BYTES };
    });
  }

  async function readOne(place: number): Promise<ManifestItem> {
    const found = place < entry.total ? (await chunkWith(place))[place % CHUNK] : undefined;
    if (found === undefined) throw new RangeError(`${entry.id} has no item ${place}`);
    return found;
  }

  function headerSets(): Promise<Record<string, string>[]> {
    return caches.headerSets.get(entry.id, async () => {
      const stored = (await readIfThere(files.headers)) ?? '[]';
      return { value: headerSetsSchema.parse(JSON.parse(stored)), bytes: 4 * stored.length };
    });
  }

  return {
    folder,
    entry,
    bytes: 2 * text.length + bytes,
    id: (place) => itemId(entry, place),
    place(imageId) {
      const place = placeOf(entry, imageId);
      return place !== null && place < entry.total ? place : null;
    },
    item: readOne,
    async origin(place) {
      const { origin } = await readOne(place);
      if (origin?.kind !== 'url') return origin;
      const { headerSet, ...rest } = origin;
      const headers = headerSet === undefined ? {} : (await headerSets())[headerSet];
      return headers === undefined ? null : { ...rest, headers };
    },
    async *items(from, to = entry.total) {
      for await (const { place, item } of groups(batch, from, to)) yield { place, item };
    },
    itemsWithCells: (from) => groups(batch, from, entry.total, { withCells: true }),
    invalidPlaces: (from, count) => findInvalid(batch, from, count),
    leaderOf: async (place) => (await duplicates()).leaderOf(place),
    followersOf: async (place) => (await duplicates()).followersOf(place),
    sameAddress: sameRequest,
  };
}

async function readTables(path: string): Promise<{ tables: Tables; bytes: number }> {
  const text = await readIfThere(path);
  if (text === null) return { tables: { profiles: [], faults: [] }, bytes: 0 };
  return { tables: tablesSchema.parse(JSON.parse(text)), bytes: 4 * text.length };
}

async function* groups(batch: BatchFiles, from: number, to: number, { withCells = false } = {}) {
  const last = Math.min(to, batch.entry.total);
  for (let start = from; start < last; ) {
    // Up to the next row, where the cells of the last row end.
    const indexEnd = start + AT_ONCE + MAX_ROW_ITEMS + 1;
    const index = await readIndex(batch, start, Math.min(indexEnd, batch.entry.total));
    const end = endOfGroup(
      index,
      Math.min(start + AT_ONCE, last),
      withCells && batch.entry.format === FORMAT,
    );
    const { read } = await readItems(batch, start, end);
    const cells = withCells ? await cellsOf(batch, index, end, read) : [];
    for (const [i, { item }] of read.entries()) yield { place: start + i, item, cells: cells[i] ?? [] };
    start = end;
  }
}

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
async function cellsOf(
  batch: BatchFiles,
  index: IndexPart,
  end: number,
  read: { cells: string[] }[],
): Promise<string[][]> {
  if (batch.entry.format !== FORMAT) return read.map(({ cells }) => cells);
  let next = end;
  while (next < batch.entry.total && index.continues(next)) next++;
  const cellsEnd = next < batch.entry.total ? index.cellsOffset(next) : null;
  const rows = await readCells(batch, index.cellsOffset(index.from), cellsEnd);
  let row = -1;
  return read.map((_, i) => {
    if (i === 0 || !index.continues(index.from + i)) row++;
    return rows[row] ?? [];
  });
}

async function* indexPieces({ files, entry }: BatchFiles): AsyncGenerator<Buffer> {
  const size = indexBytesOf(entry);
  const { size: end } = await stat(files.index);
  for (let at = 0; at < end; at += ENTRIES_AT_ONCE * size)
    yield readRange(files.index, at, Math.min(ENTRIES_AT_ONCE * size, end - at));
}

async function findInvalid(batch: BatchFiles, from: number, count: number): Promise<number[]> {
  const { entry } = batch;
  const places: number[] = [];
  if (entry.invalid === 0 || count <= 0) return places;
  if (entry.format !== FORMAT) {
    for await (const { place, item } of groups(batch, from, entry.total)) {
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
