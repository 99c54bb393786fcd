import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { Manifest } from '@pixdock/shared/state/folder-staging/manifest';
import type { BatchCursor } from './batch-cursors.js';
import type { OwnerWindows } from './owner-window.js';

/** A batch during one pass of its job. */
export interface BatchPass {
  state: BatchState;
  manifest: Manifest;
  cursor: BatchCursor;
  windows: OwnerWindows;
}
