import type { StagedFiles } from './staged-files.js';
import { batchFiles, stagedNames } from './staged-names.js';

/** The names that batches get after their submission. */
export interface BatchNames {
  /** Null unless the batch got another name than the one in its entry. */
  newName(id: string): Promise<string | null>;
  /** Records a name durably. No effect on a batch with a tombstone. Fails if the batch is gone. */
  noteName(id: string, name: string): Promise<void>;
}

export function openBatchNames(files: StagedFiles): BatchNames {
  const nameOf = (id: string) => batchFiles(stagedNames.batch(id)).name;
  return {
    newName: (id) => files.read(nameOf(id)),
    async noteName(id, name) {
      const isAdded = await files.add(nameOf(id), name);
      const isDeleted = await files.has(stagedNames.deletedBatch(id));
      if (!isAdded && !isDeleted) throw new Error(`${id} is gone`);
      if (isDeleted) await files.removeUnsynced(nameOf(id));
    },
  };
}
