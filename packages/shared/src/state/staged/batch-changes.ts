import { basename } from 'node:path/posix';
import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import type { StagedFiles } from './staged-files.js';
import { batchFiles, stagedNames } from './staged-names.js';

/** The name of the file that requests a change of a batch: of the whole batch, or a retry of failed items with a code. */
export type BatchChange = 'canceled' | 'deleted' | `retry-${ErrorCode | 'all'}`;

/** The change that retries the failures of a code, or all (null). */
export const retryChange = (code: ErrorCode | null): BatchChange => `retry-${code ?? 'all'}`;

/** The code of a retry; null: all. */
export function retryCodeOf(change: string): ErrorCode | null {
  return ERROR_CODES.find((code) => change === retryChange(code)) ?? null;
}

/** The requested changes of batches, each an empty file. */
export interface BatchChanges {
  /** Records a requested change durably: a restore requests it again. */
  noteChange(id: string, change: BatchChange): Promise<void>;
  changes(id: string): Promise<BatchChange[]>;
  dropChange(id: string, change: BatchChange): Promise<void>;
}

export function openBatchChanges(files: StagedFiles): BatchChanges {
  const namesOf = (id: string) => batchFiles(stagedNames.batch(id));
  return {
    noteChange: (id, change) => files.write(namesOf(id).change(change), ''),
    dropChange: (id, change) => files.removeUnsynced(namesOf(id).change(change)),
    async changes(id) {
      const found: BatchChange[] = [];
      for await (const name of files.list(namesOf(id).changes)) found.push(basename(name) as BatchChange);
      return found;
    },
  };
}
