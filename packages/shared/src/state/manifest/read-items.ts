import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import type { BatchEntry } from '../batches/batch-entry.js';
import type { ManifestItem } from '../batches/manifest-item.js';
import { readRange } from './read-range.js';
import {
  CELLS_AT,
  CONTINUES,
  FLAGS_AT,
  INDEX_BYTES,
  INVALID,
  MAX_ROW_ITEMS,
  type StoredItem,
  storedItemSchema,
  type Tables,
} from './stored.js';
import { faultAt } from './tables.js';

/** Index entries read at a time. */
export const ENTRIES_AT_ONCE = 4096;

/** A batch's files, and the data needed to read them. */
export interface BatchFiles {
  files: Record<'items' | 'cells' | 'index' | 'archive' | 'headers', string> & {
    upload(name: string): string;
    shared(place: number): string;
  };
  entry: BatchEntry;
  tables: Tables;
}

/** Reads the index entries of the places from `from` up to, but not including, `to`. */
export async function readIndex({ files }: BatchFiles, from: number, to: number) {
  const index = await readRange(files.index, from * INDEX_BYTES, (to - from) * INDEX_BYTES);
  const at = (place: number) => (place - from) * INDEX_BYTES;
  const hasFlag = (place: number, flag: number) => (index.readUInt16LE(at(place) + FLAGS_AT) & flag) !== 0;
  return {
    from,
    count: Math.floor(index.length / INDEX_BYTES),
    offset: (place: number) => index.readUIntLE(at(place), FLAGS_AT),
    cellsOffset: (place: number) => Number(index.readBigUInt64LE(at(place) + CELLS_AT)),
    isInvalid: (place: number) => hasFlag(place, INVALID),
    continues: (place: number) => hasFlag(place, CONTINUES),
  };
}

/** A part of the index, from a place on. */
export type IndexPart = Awaited<ReturnType<typeof readIndex>>;

/**
 * Reads the items of the places from `from` up to, but not including, `to`, which must exist.
 * @returns the items, and the number of bytes read
 */
export function readItems(
  batch: BatchFiles,
  from: number,
  to: number,
): Promise<{ items: ManifestItem[]; bytes: number }> {
  return againIfErased(() => readLines(batch, from, to));
}

/** Reads once more if a line is not JSON: it was read while its row was being erased. */
function againIfErased<T>(read: () => Promise<T>): Promise<T> {
  return read().catch((error: unknown) => {
    if (error instanceof SyntaxError) return read();
    throw error;
  });
}

async function readLines(
  batch: BatchFiles,
  from: number,
  to: number,
): Promise<{ items: ManifestItem[]; bytes: number }> {
  const { files, entry } = batch;
  const index = await readIndex(batch, Math.max(0, from - MAX_ROW_ITEMS), Math.min(to + 1, entry.total));
  // Items refer to earlier items of their row.
  let begin = from;
  while (begin > index.from && index.continues(begin)) begin--;
  const start = index.offset(begin);
  const text = await readRange(files.items, start, to < entry.total ? index.offset(to) - start : null);
  const items: ManifestItem[] = [];
  let position = 0;
  for (const line of linesOf(text)) {
    if (isSliceOver()) await nextSlice();
    position = index.continues(begin + items.length) ? position + 1 : 1;
    items.push({ ...toItem(storedItemSchema.parse(JSON.parse(line)), batch, items), position });
  }
  return { items: items.slice(from - begin), bytes: text.length };
}

/** Reads the cells of rows between two offsets; `to` null means the end of the file. */
export function readCells({ files }: BatchFiles, from: number, to: number | null): Promise<string[][]> {
  return againIfErased(async () => {
    const text = await readRange(files.cells, from, to === null ? null : to - from);
    const rows: string[][] = [];
    for (const line of linesOf(text)) {
      if (isSliceOver()) await nextSlice();
      rows.push(JSON.parse(line) as string[]);
    }
    return rows;
  });
}

const LINE_FEED = 0x0a;

function* linesOf(text: Buffer): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf(LINE_FEED, from);
    const end = found === -1 ? text.length : found;
    yield text.toString('utf8', from, end);
    from = end + 1;
  }
}

/** The item of a line, without its position. */
function toItem(
  stored: StoredItem,
  { tables, entry }: BatchFiles,
  before: ManifestItem[],
): Omit<ManifestItem, 'position'> {
  const { same, row = 1, profile, headerSet, origin, fault, value, below, ...rest } = stored;
  const { filename, declaredType } = rest;
  const first = same === undefined ? undefined : before.at(-same);
  if (same !== undefined && first === undefined) throw new RangeError('a line refers to none before it');
  const fields = first ?? {
    row,
    profile: tables.profiles[profile] ?? entry.profile,
    externalId: rest.externalId,
    metadata: rest.metadata,
    sha256: rest.sha256,
    deleteAfterSeconds: rest.deleteAfterSeconds,
  };
  const set = first === undefined ? headerSet : headerSetOf(first);
  return {
    row: fields.row,
    profile: fields.profile,
    externalId: fields.externalId,
    metadata: fields.metadata,
    sha256: fields.sha256,
    deleteAfterSeconds: fields.deleteAfterSeconds,
    filename,
    declaredType,
    origin: origin?.kind === 'url' ? urlOrigin(origin.url, set) : origin,
    fault: typeof fault === 'number' ? faultAt(tables, fault, fields.row, { value, below }) : fault,
  };
}

const urlOrigin = (url: string, headerSet: number | null): ManifestItem['origin'] =>
  headerSet === null ? { kind: 'url', url } : { kind: 'url', url, headerSet };

const headerSetOf = ({ origin }: Pick<ManifestItem, 'origin'>): number | null =>
  origin?.kind === 'url' ? (origin.headerSet ?? null) : null;
