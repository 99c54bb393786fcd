import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import { LRUCache } from 'lru-cache';
import type { KeyConfig, Needs } from '../deps.js';
import type { OwnerWindows } from './owner-window.js';

/** A batch during one pass of its job. */
export interface BatchPass {
  state: BatchState;
  manifest: Manifest;
  cursor: BatchCursor;
  windows: OwnerWindows;
}

/** What passes need: they start, retry, cancel or delete items. */
export type PassDeps = Needs<
  'images' | 'batches' | 'staging' | 'store' | 'queue' | 'events',
  'retentionMs'
> & {
  config: KeyConfig;
};

/** Where the next pass over a batch continues. A lost cursor costs time only: the pass starts from the beginning. */
export type BatchCursor = ReturnType<typeof newCursor>;

export const newCursor = (minVersion: number) => ({
  /** Of the batch's state; a new one means that Redis lost the batch, and a pass starts from the beginning. */
  minVersion,
  /** Place of the first pending item that is tried next. */
  pendingFrom: 0,
  /** Place of the first item that may not be canceled yet. */
  cancelFrom: 0,
  /** Place of the first item that may not be deleted yet. */
  deleteFrom: 0,
  /** Whether the deletion of the started items was requested. */
  endedStarted: false,
  /** The retry in progress, and the place of its first item that may not be done yet. */
  retrying: { name: '', from: 0 },
  /** When lost jobs were last looked for, in ms of `performance.now()`. */
  requeuedAt: Number.NEGATIVE_INFINITY,
});

/** Batches remembered, about 300 bytes each. Only this limit removes a batch that another worker finished. */
const MAX_BATCHES = 1000;

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
