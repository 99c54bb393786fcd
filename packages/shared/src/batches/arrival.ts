import { createHash } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { BatchEntry, ManifestItem } from '../contract/batch.js';
import { makeArrivalFolder } from '../staging/arrival-folder.js';
import { addDurably, makeFolder, openWriter, syncDirectory } from '../staging/durable.js';
import { batchFiles, type StagingLayout } from '../staging/layout.js';
import { INDEX_BYTES, keyDigest, type StoredItem, sourceKey } from './stored.js';

/** More different header sets than this in one batch are not a use we know. */
export const MAX_HEADER_SETS = 1000;

/** A batch on its way in. Whatever is not committed leaves nothing. */
export interface BatchArrival {
  /** Adds the next item and says its place, from 0. */
  add(item: ManifestItem): Promise<number>;
  /** How many were added. */
  total(): number;
  /** How many bytes the items take on disk. Files and archive come on top. */
  bytes(): number;
  /** Whether an item with these headers still fits. */
  takesHeaders(headers: Record<string, string>): boolean;
  /** A file of the batch's own: `name` becomes an origin of kind `file`. Its `close` means it is written. */
  file(name: string): WriteStream;
  /** Where the batch's ZIP archive goes. */
  archive: string;
  /** SHA-256 in hex of all items as added: the same for the same input. */
  digest(): string;
  /** Makes everything durable and visible as one. The 202 may be given after this. */
  commit(entry: BatchEntry): Promise<void>;
  discard(): Promise<void>;
}

/** Opens a folder for a batch that comes. */
export async function receiveBatch(layout: StagingLayout, id: string): Promise<BatchArrival> {
  const folder = await makeArrivalFolder(layout, id);
  const files = batchFiles(folder.path);
  await makeFolder(files.uploads);
  const items = openAppender(files.items);
  const index = openAppender(files.index);
  const hash = createHash('sha256');
  const headerSets = new Map<string, number>();
  let total = 0;
  let offset = 0;
  let headerBytes = 0;

  function headerSetOf({ origin }: ManifestItem): number | null {
    if (origin?.kind !== 'url' || Object.keys(origin.headers).length === 0) return null;
    const set = JSON.stringify(origin.headers);
    const known = headerSets.get(set);
    if (known !== undefined) return known;
    headerBytes += Buffer.byteLength(set) + ','.length;
    headerSets.set(set, headerSets.size);
    return headerSets.size - 1;
  }

  return {
    archive: files.archive,
    total: () => total,
    bytes: () => offset + total * INDEX_BYTES + headerBytes,
    takesHeaders: (headers) => headerSets.size < MAX_HEADER_SETS || headerSets.has(JSON.stringify(headers)),
    file: (name) => createWriteStream(files.upload(name), { flags: 'wx', mode: 0o600, flush: true }),
    digest: () => hash.copy().digest('hex'),

    async add(item) {
      const headerSet = headerSetOf(item);
      const origin = item.origin?.kind === 'url' ? { ...item.origin, headers: {} } : item.origin;
      const line = Buffer.from(`${JSON.stringify({ ...item, origin, headerSet } satisfies StoredItem)}\n`);
      const place = Buffer.alloc(8);
      place.writeBigUInt64LE(BigInt(offset));
      hash.update(JSON.stringify(item));
      await items.write(line);
      await index.write(Buffer.concat([place, keyDigest(sourceKey(item))]));
      offset += line.length;
      return total++;
    },

    async commit(entry) {
      await Promise.all([items.end(), index.end()]);
      if (headerSets.size > 0) await addDurably(files.headers, `[${[...headerSets.keys()].join(',')}]`);
      await syncDirectory(files.uploads);
      await syncDirectory(files.materials);
      await addDurably(files.entry, JSON.stringify(entry));
      await folder.moveTo(layout.batch(id));
    },

    async discard() {
      await Promise.all([items.abandon(), index.abandon()]);
      await folder.remove();
    },
  };
}

const openAppender = (path: string) =>
  openWriter(createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
