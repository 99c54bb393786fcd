import { open, readFile } from 'node:fs/promises';
import { type BatchEntry, batchEntrySchema, type ManifestItem } from '../contract/batch.js';
import type { Origin } from '../contract/source.js';
import { readIfThere } from '../staging/durable.js';
import { batchFiles } from '../staging/layout.js';
import { type Duplicates, findDuplicates } from './duplicates.js';
import { itemId, placeOf } from './item-id.js';
import { addressKey, headerSetsSchema, INDEX_BYTES, storedItemSchema } from './stored.js';

/** Items read from disk at a time, and their bytes, if there is more than one. */
const AT_ONCE = 256;
const BYTES_AT_ONCE = 1024 * 1024;
/** Items that are asked for one by one are those under way, most of them near each other: eight times 64 of them are kept. */
const CHUNK = 64;
const CHUNKS = 8;

/** A committed batch as it lies in staging. It never changes. */
export interface Manifest {
  folder: string;
  entry: BatchEntry;
  /** Id of the item at a place, from 0. */
  id(place: number): string;
  /** The place of an item's id; null when it is none of this batch's. */
  place(imageId: string): number | null;
  item(place: number): Promise<ManifestItem>;
  /** Where an item's source is; null where there is none, or the headers that it is fetched with are gone. */
  origin(place: number): Promise<Origin | null>;
  /** Items of the places from `from` up to, but not with, `to`. */
  items(from: number, to?: number): AsyncGenerator<{ place: number; item: ManifestItem }>;
  /** Places of invalid rows, from a place on, in order, at most `count`. */
  invalidPlaces(from: number, count: number): Promise<number[]>;
  /** The first item with the same source, when it is another one. */
  leaderOf(place: number): Promise<number | null>;
  /** The later items that have the same source as this, the first of them. */
  followersOf(place: number): Promise<readonly number[]>;
  /** Whether two items would be fetched alike: same address, same headers. */
  sameAddress(a: ManifestItem, b: ManifestItem): boolean;
}

/** Null when there is no such batch. */
export async function openManifest(folder: string): Promise<Manifest | null> {
  const files = batchFiles(folder);
  const text = await readIfThere(files.entry);
  if (text === null) return null;
  const entry = batchEntrySchema.parse(JSON.parse(text));
  let duplicates: Promise<Duplicates> | null = null;
  function findOnce(): Promise<Duplicates> {
    duplicates ??= readFile(files.index)
      .then(findDuplicates)
      .catch((error) => {
        duplicates = null;
        throw error;
      });
    return duplicates;
  }

  async function* items(from: number, to = entry.total) {
    const last = Math.min(to, entry.total);
    for (let start = from; start < last; ) {
      const end = await endOfRead(files, start, Math.min(start + AT_ONCE, last));
      const read = await readItems(files, start, end, end === entry.total);
      for (const [i, { item }] of read.entries()) yield { place: start + i, item };
      start = end;
    }
  }

  async function invalidPlaces(from: number, count: number): Promise<number[]> {
    const places: number[] = [];
    for await (const { place, item } of items(from)) {
      if (places.length >= count) break;
      if (item.fault !== null) places.push(place);
    }
    return places;
  }

  const chunks = new Map<number, Promise<ReadItem[]>>();
  function chunk(number: number): Promise<ReadItem[]> {
    const kept = chunks.get(number);
    if (kept !== undefined) return kept;
    const [from, to] = [number * CHUNK, Math.min((number + 1) * CHUNK, entry.total)];
    const read = from < to ? readItems(files, from, to, to === entry.total) : Promise.resolve([]);
    read.catch(() => chunks.delete(number));
    const [oldest] = chunks.keys();
    if (chunks.size >= CHUNKS && oldest !== undefined) chunks.delete(oldest);
    chunks.set(number, read);
    return read;
  }

  async function readOne(place: number): Promise<ReadItem> {
    const found = (await chunk(Math.floor(place / CHUNK)))[place % CHUNK];
    if (found === undefined) throw new RangeError(`${entry.id} has no item ${place}`);
    return found;
  }

  return {
    folder,
    entry,
    id: (place) => itemId(entry, place),
    place(imageId) {
      const place = placeOf(entry, imageId);
      return place !== null && place < entry.total ? place : null;
    },
    item: async (place) => (await readOne(place)).item,
    async origin(place) {
      const { item, areHeadersGone } = await readOne(place);
      return areHeadersGone ? null : item.origin;
    },
    items,
    invalidPlaces,
    leaderOf: async (place) => (await findOnce()).leaders.get(place) ?? null,
    followersOf: async (place) => (await findOnce()).followers.get(place) ?? [],
    sameAddress: (a, b) =>
      a.origin?.kind === 'url' && b.origin?.kind === 'url' && addressKey(a.origin) === addressKey(b.origin),
  };
}

type Files = ReturnType<typeof batchFiles>;

interface ReadItem {
  item: ManifestItem;
  areHeadersGone: boolean;
}

/** Up to where items can be read at once. */
async function endOfRead(files: Files, from: number, to: number): Promise<number> {
  const index = await readRange(files.index, from * INDEX_BYTES, (to - from) * INDEX_BYTES);
  const most = index.readBigUInt64LE(0) + BigInt(BYTES_AT_ONCE);
  let end = from + 1;
  while (end < to && index.readBigUInt64LE((end - from) * INDEX_BYTES) <= most) end++;
  return end;
}

async function readItems(files: Files, from: number, to: number, isLast: boolean): Promise<ReadItem[]> {
  const index = await readRange(
    files.index,
    from * INDEX_BYTES,
    (to - from + (isLast ? 0 : 1)) * INDEX_BYTES,
  );
  const offset = (i: number) => Number(index.readBigUInt64LE(i * INDEX_BYTES));
  const begin = offset(0);
  const text = await readRange(files.items, begin, isLast ? null : offset(to - from) - begin);
  const stored = text
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => storedItemSchema.parse(JSON.parse(line)));
  const hasHeaders = stored.some(({ headerSet }) => headerSet !== null);
  const sets = hasHeaders
    ? headerSetsSchema.parse(JSON.parse((await readIfThere(files.headers)) ?? '[]'))
    : [];
  return stored.map(({ headerSet, ...item }) => {
    if (item.origin?.kind !== 'url' || headerSet === null) return { item, areHeadersGone: false };
    const headers = sets[headerSet];
    return {
      item: { ...item, origin: { ...item.origin, headers: headers ?? {} } },
      areHeadersGone: headers === undefined,
    };
  });
}

/** @param length in bytes; null: to the end of the file */
async function readRange(path: string, start: number, length: number | null): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = length ?? (await file.stat()).size - start;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
