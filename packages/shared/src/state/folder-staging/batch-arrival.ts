import { createHash } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import type { z } from 'zod';
import type { Logger } from '../../runtime/log.js';
import type { BatchEntry } from '../batches/batch-entry.js';
import type { NewItem } from '../batches/manifest-item.js';
import { openWriter } from '../files/byte-writer.js';
import { addDurably } from '../files/durable.js';
import { makeFolder, syncPath } from '../files/folder.js';
import { namesIn } from '../files/optional-file.js';
import { type HeaderSets, openHeaderSets } from '../manifest/header-sets.js';
import { openItemLines } from '../manifest/item-lines.js';
import { type batchFileSchema, INDEX_BYTES } from '../manifest/stored.js';
import { logLeftover } from '../staged/log-leftover.js';
import { batchFiles } from '../staged/staged-names.js';
import { makeArrivalFolder } from './arrival-folder.js';
import type { StagingLayout } from './layout.js';

/** A batch that is being received. Disposal removes it unless `keep` was called. */
export interface BatchArrival extends AsyncDisposable {
  /** Adds the next item and returns its place, from 0. */
  add(item: NewItem): Promise<number>;
  /** Number of items added. */
  total(): number;
  /** Bytes of the items on disk, without files and archive. */
  bytes(): number;
  /** Whether an item with these headers fits. */
  takesHeaders: HeaderSets['takes'];
  /** Opens a file of the batch, for an origin of kind `file` with this name. The file is written at `close`. */
  file(name: string): Promise<WriteStream>;
  /** Path of the batch's ZIP archive. */
  archive: string;
  /** SHA-256 in hex of all added items. */
  digest(): string;
  /** Makes everything durable, and visible in one step. The 202 may be sent after this. */
  commit(entry: BatchEntry): Promise<void>;
  /** The batch is accepted. */
  keep(): void;
}

/** Opens a folder for a batch that is being received. */
export async function openBatchArrival(
  layout: StagingLayout,
  id: string,
  log?: Logger,
): Promise<BatchArrival> {
  const folder = await makeArrivalFolder(layout, id);
  const files = batchFiles(folder.path);
  await makeFolder(files.materials);
  const items = openAppender(files.items);
  const cells = openAppender(files.cells);
  const index = openAppender(files.index);
  const hash = createHash('sha256');
  const headerSets = openHeaderSets();
  const lines = openItemLines(headerSets);
  let hasFiles = false;
  let isOver = false;

  return {
    archive: files.archive,
    total: lines.total,
    bytes: () => lines.bytes() + lines.total() * INDEX_BYTES + headerSets.bytes(),
    takesHeaders: (headers) => headerSets.takes(headers),
    digest: () => hash.copy().digest('hex'),

    async add(item) {
      const place = lines.total();
      const made = lines.next(item);
      // A further item of a row is hashed as its line: hashing the row's cells once per URL could take minutes.
      hash.update(made.cells === null ? made.line : JSON.stringify(item));
      await items.write(made.line);
      if (made.cells !== null) await cells.write(made.cells);
      await index.write(made.index);
      return place;
    },

    async file(name) {
      await makeFolder(files.uploads);
      hasFiles = true;
      return createWriteStream(files.upload(name), { flags: 'wx', mode: 0o600, flush: true });
    },

    async commit(entry) {
      await Promise.all([items.end(), cells.end(), index.end()]);
      if (headerSets.bytes() > 0) await addDurably(files.headers, headerSets.text());
      if (hasFiles) await syncPath(files.uploads);
      if ((await namesIn(files.materials)).length > 0) await syncPath(files.materials);
      else await rmdir(files.materials);
      const made = { ...entry, invalid: lines.invalid(), tables: lines.tables };
      await addDurably(files.entry, JSON.stringify(made satisfies z.input<typeof batchFileSchema>));
      await folder.moveTo(layout.batch(id));
    },

    keep() {
      isOver = true;
    },

    async [Symbol.asyncDispose]() {
      if (isOver) return;
      isOver = true;
      await Promise.all([items.abandon(), cells.abandon(), index.abandon()]);
      await folder.remove().catch(logLeftover(log, id));
    },
  };
}

/** Bytes per write: a line has some hundred bytes, and a write for each would cost more than the item. */
const WRITE_BYTES = 64 * 1024;

/** Appends lines to a new file, which is durable after `end`. */
function openAppender(path: string) {
  const file = openWriter(createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  // Lines are copied: a short buffer would retain the 8 KiB pool from which Node sliced it.
  let pending = Buffer.allocUnsafeSlow(WRITE_BYTES);
  let bytes = 0;

  async function flush(): Promise<void> {
    const whole = pending.subarray(0, bytes);
    pending = Buffer.allocUnsafeSlow(WRITE_BYTES);
    bytes = 0;
    await file.write(whole);
  }

  return {
    async write(line: Buffer): Promise<void> {
      if (bytes > 0 && bytes + line.length > WRITE_BYTES) await flush();
      if (line.length > WRITE_BYTES) return file.write(line);
      bytes += line.copy(pending, bytes);
    },
    async end(): Promise<void> {
      if (bytes > 0) await flush();
      await file.end();
    },
    abandon: file.abandon,
  };
}
