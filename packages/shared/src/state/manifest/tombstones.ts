import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BatchEntry, type Tombstone, tombstoneSchema } from '../batches/batch-entry.js';
import { addDurably } from '../files/durable.js';
import { batchFiles, type StagingLayout } from '../files/layout.js';
import { namesIn, readIfThere } from '../files/optional-file.js';

/** Batches whose items are all deleted: each keeps its entry and a tombstone. */
export interface Tombstones {
  /** Null unless all items of the batch are deleted. */
  tombstone(id: string): Promise<Tombstone | null>;
  /** Records durably that all items of the batch are deleted: none can be restored after this. */
  addTombstone(id: string, tombstone: Tombstone): Promise<void>;
  /** Whether a batch with a tombstone has other files left. */
  hasRows(id: string): Promise<boolean>;
  /** Removes all files of a batch except its entry and its tombstone. */
  dropRows(id: string): Promise<void>;
  /** Erases the name, those of the caller's columns and the `webhookUrl` from the entry of a batch with a tombstone. */
  eraseEntry(entry: BatchEntry): Promise<void>;
}

/** @param close closes the files of a batch before they are removed */
export function openTombstones(layout: StagingLayout, close: (id: string) => void): Tombstones {
  async function pathsBesideTombstone(id: string): Promise<string[]> {
    const folder = layout.batch(id);
    const { entry, tombstone } = batchFiles(folder);
    const names = await namesIn(folder);
    return names.map((name) => join(folder, name)).filter((path) => path !== entry && path !== tombstone);
  }

  return {
    async tombstone(id) {
      const text = await readIfThere(batchFiles(layout.batch(id)).tombstone);
      return text === null ? null : tombstoneSchema.parse(JSON.parse(text));
    },
    addTombstone: (id, made) => addDurably(batchFiles(layout.batch(id)).tombstone, JSON.stringify(made)),
    hasRows: async (id) => (await pathsBesideTombstone(id)).length > 0,
    async dropRows(id) {
      close(id);
      for (const path of await pathsBesideTombstone(id)) await rm(path, { recursive: true, force: true });
    },
    async eraseEntry(entry) {
      close(entry.id);
      const erased: BatchEntry = { ...entry, name: null, columns: [], webhook: null };
      await addDurably(batchFiles(layout.batch(entry.id)).entry, JSON.stringify(erased));
    },
  };
}
