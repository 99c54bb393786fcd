import { addDurably } from '../files/durable.js';
import { isThere, readIfThere, removeFile } from '../files/optional-file.js';
import { batchFiles, type StagingLayout } from './layout.js';

/** The names that batches get after their submission. */
export interface BatchNames {
  /** Null unless the batch got another name than the one in its entry. */
  newName(id: string): Promise<string | null>;
  /** Records a name durably. No effect on a batch with a tombstone. Fails if the batch is gone. */
  noteName(id: string, name: string): Promise<void>;
}

export function openBatchNames(layout: StagingLayout): BatchNames {
  return {
    newName: (id) => readIfThere(batchFiles(layout.batch(id)).name),
    async noteName(id, name) {
      const path = batchFiles(layout.batch(id)).name;
      const isDeleted = () => isThere(layout.deletedBatch(id));
      await addDurably(path, name).catch(async (error) => {
        if (!(await isDeleted())) throw error;
      });
      if (await isDeleted()) await removeFile(path);
    },
  };
}
