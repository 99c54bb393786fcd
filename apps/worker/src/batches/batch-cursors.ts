import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import { LRUCache } from 'lru-cache';

/** Batches remembered, about 300 bytes each. Only this limit removes a batch that another worker finished. */
const MAX_BATCHES = 1000;

/** Where the next pass over a batch continues. A lost cursor costs time only: the pass starts from the beginning. */
export interface BatchCursor {
  /** Of the batch's state; a new one means that Redis lost the batch, and a pass starts from the beginning. */
  minVersion: number;
  /** Place of the first pending item that is tried next. */
  pendingFrom: number;
  /** Place of the first item that may not be canceled yet. */
  cancelFrom: number;
  /** Place of the first item that may not be deleted yet. */
  deleteFrom: number;
  /** Whether the deletion of the started items was requested. */
  endedStarted: boolean;
  /** The retry in progress, and the place of its first item that may not be done yet. */
  retrying: { name: string; from: number };
  /** When lost jobs were last looked for, in ms of `performance.now()`. */
  requeuedAt: number;
}

export const newCursor = (minVersion: number): BatchCursor => ({
  minVersion,
  pendingFrom: 0,
  cancelFrom: 0,
  deleteFrom: 0,
  endedStarted: false,
  retrying: { name: '', from: 0 },
  requeuedAt: Number.NEGATIVE_INFINITY,
});

/** Remembers the cursors of the most recent batches from pass to pass. */
export function openBatchCursors(maxBatches = MAX_BATCHES) {
  const cursors = new LRUCache<string, BatchCursor>({ max: maxBatches });
  return {
    of({ id, minVersion }: Pick<BatchState, 'id' | 'minVersion'>): BatchCursor {
      const known = cursors.get(id);
      const cursor = known?.minVersion === minVersion ? known : newCursor(minVersion);
      cursors.set(id, cursor);
      return cursor;
    },
    forget: (id: string) => void cursors.delete(id),
  };
}
