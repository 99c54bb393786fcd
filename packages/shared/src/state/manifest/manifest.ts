import { stat } from 'node:fs/promises';
import type { BatchEntry } from '../batches/batch-entry.js';
import { itemId, placeOf } from '../batches/item-id.js';
import type { ManifestItem } from '../batches/manifest-item.js';
import { readIfThere } from '../files/optional-file.js';
import type { Origin } from '../images/origin.js';
import { type Duplicates, findDuplicates } from './duplicates.js';
import { findInvalidPlaces, findPlaces } from './find-places.js';
import type { ManifestCaches } from './manifest-caches.js';
import { readGroups } from './read-groups.js';
import { type BatchFiles, ENTRIES_AT_ONCE, readItems } from './read-items.js';
import { readRange } from './read-range.js';
import { batchFileSchema, headerSetsSchema, INDEX_BYTES, sameOrigin } from './stored.js';

/** Items per cached chunk. */
const CHUNK = 64;
/** Bytes of an item in memory beside its text. */
const ITEM_BYTES = 1024;

/** The items of a committed batch, which never change, except that rows are erased. */
export interface ManifestItems {
  entry: BatchEntry;
  /** Names of the profiles of its items. */
  profiles: readonly string[];
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
  /** Places of the rows with this externalId, in order, and perhaps of others. */
  placesOf(externalId: string): Promise<number[]>;
  /** Places of invalid items from `from` on, in order, at most `count`. */
  invalidPlaces(from: number, count: number): Promise<number[]>;
  /** The first item with the same source, if it is another one. */
  leaderOf(place: number): Promise<number | null>;
  /** The later items with the same source, if this is the first one. */
  followersOf(place: number): Promise<Uint32Array>;
  /** Whether two items of this batch get their source from the same place. */
  sameOrigin(a: ManifestItem, b: ManifestItem): boolean;
}

/** A committed batch in staging. */
export interface Manifest extends ManifestItems {
  /** Erases the row of an item, see `eraseRow`. */
  erase(place: number, isDeleted: (imageId: string) => Promise<boolean>): Promise<void>;
  /** The path of its ZIP archive, which stays on a disk of this machine while the batch is open; null without one. */
  archive(): Promise<string | null>;
  /** Whether the item at a place shares its source with later items. */
  hasShared(place: number): Promise<boolean>;
  /** Shares the source that the item at a place has got. */
  share(place: number): Promise<void>;
  dropShared(place: number): Promise<void>;
}

/**
 * Reads the items of a batch from its files.
 * @param text of its entry, see `batchFileSchema`
 * @param readHeaders reads the sets of request headers; null without them
 * @returns `forget` drops what is cached of the row of an item
 */
export function openItems(
  text: string,
  files: BatchFiles['files'],
  caches: ManifestCaches,
  readHeaders = () => readIfThere(files.headers),
): ManifestItems & { batch: BatchFiles; forget(place: number): void } {
  const { tables, announcement: _, ...entry } = batchFileSchema.parse(JSON.parse(text));
  const batch: BatchFiles = { files, entry, tables };

  function duplicates(): Promise<Duplicates> {
    return caches.duplicates.get(entry.id, async () => {
      const value = await findDuplicates(indexPieces(batch), entry.total);
      return { value, bytes: value.bytes };
    });
  }

  const chunkKey = (place: number) => `${entry.id} ${place - (place % CHUNK)}`;

  async function chunkWith(place: number): Promise<ManifestItem[]> {
    const from = place - (place % CHUNK);
    return caches.chunks.get(chunkKey(place), async () => {
      const found = await readItems(batch, from, Math.min(from + CHUNK, entry.total));
      return { value: found.items, bytes: 2 * found.bytes + CHUNK * ITEM_BYTES };
    });
  }

  async function readOne(place: number): Promise<ManifestItem> {
    const found = place < entry.total ? (await chunkWith(place))[place % CHUNK] : undefined;
    if (found === undefined) throw new RangeError(`${entry.id} has no item ${place}`);
    return found;
  }

  function headerSets(): Promise<Record<string, string>[]> {
    return caches.headerSets.get(entry.id, async () => {
      const stored = (await readHeaders()) ?? '[]';
      return { value: headerSetsSchema.parse(JSON.parse(stored)), bytes: 4 * stored.length };
    });
  }

  return {
    batch,
    entry,
    profiles: tables.profiles,
    bytes: 4 * text.length,
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
      for await (const { place, item } of readGroups(batch, from, to)) yield { place, item };
    },
    itemsWithCells: (from) => readGroups(batch, from, entry.total, { withCells: true }),
    placesOf: (externalId) => findPlaces(batch, `"externalId":${JSON.stringify(externalId)}`),
    invalidPlaces: (from, count) => findInvalidPlaces(batch, from, count),
    leaderOf: async (place) => (await duplicates()).leaderOf(place),
    followersOf: async (place) => (await duplicates()).followersOf(place),
    sameOrigin,
    forget(place) {
      caches.chunks.delete(chunkKey(place));
      caches.duplicates.delete(entry.id);
    },
  };
}

async function* indexPieces({ files }: BatchFiles): AsyncGenerator<Buffer> {
  const { size } = await stat(files.index);
  const step = ENTRIES_AT_ONCE * INDEX_BYTES;
  for (let at = 0; at < size; at += step) yield readRange(files.index, at, Math.min(step, size - at));
}
