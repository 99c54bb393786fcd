import type { z } from 'zod';
import type { BatchEntry, Tombstone } from '../batches/batch-entry.js';
import { deletedBatchSchema } from '../manifest/stored.js';
import type { StagedFiles } from './staged-files.js';
import { stagedNames } from './staged-names.js';

/** Batches whose items are all deleted: a file with the entry and a tombstone replaces the folder of each. */
export interface Tombstones {
  /** Null unless all items of the batch are deleted. */
  tombstone(id: string): Promise<Tombstone | null>;
  /** Records durably that all items of the batch are deleted: none can be restored after this. */
  addTombstone(entry: BatchEntry, tombstone: Tombstone): Promise<void>;
  /** Whether a batch with a tombstone still has its folder. */
  hasRows(id: string): Promise<boolean>;
  /** Removes the folder of a batch with a tombstone. */
  dropRows(id: string): Promise<void>;
  /** Erases the name, those of the caller's columns and the `webhookUrl` of a batch with a tombstone. */
  eraseEntry(id: string): Promise<void>;
}

/** @param close closes the files of a batch before they are removed */
export function openTombstones(files: StagedFiles, close: (id: string) => void): Tombstones {
  async function read(id: string) {
    const text = await files.read(stagedNames.deletedBatch(id));
    return text === null ? null : deletedBatchSchema.parse(JSON.parse(text));
  }
  const write = (deleted: z.input<typeof deletedBatchSchema>) =>
    files.write(stagedNames.deletedBatch(deleted.id), JSON.stringify(deleted));

  return {
    tombstone: async (id) => (await read(id))?.tombstone ?? null,
    async addTombstone(entry, tombstone) {
      await write({ ...entry, tombstone });
      close(entry.id);
    },
    hasRows: (id) => files.has(stagedNames.batch(id)),
    async dropRows(id) {
      close(id);
      await files.removeAll(stagedNames.batch(id));
    },
    async eraseEntry(id) {
      const deleted = await read(id);
      if (deleted !== null) await write({ ...deleted, name: null, columns: [], webhook: null });
      close(id);
    },
  };
}
