import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { isTemporary, writeDurably } from '../files/durable.js';
import { namesIn, removeFile } from '../files/optional-file.js';
import { batchFiles, type StagingLayout } from './layout.js';

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

export function openBatchChanges(layout: StagingLayout): BatchChanges {
  return {
    noteChange: (id, change) => writeDurably(batchFiles(layout.batch(id)).change(change), ''),
    async dropChange(id, change) {
      await removeFile(batchFiles(layout.batch(id)).change(change));
    },
    async changes(id) {
      const names = await namesIn(batchFiles(layout.batch(id)).changes);
      // A temporary file is that of a process that died before it responded.
      return names.filter((name) => !isTemporary(name)) as BatchChange[];
    },
  };
}
