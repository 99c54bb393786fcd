import { isoTime } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { BatchEntry, Tombstone } from '@pixdock/shared/state/records/batch-entry';
import { type BatchState, isBatchSettled } from '@pixdock/shared/state/records/batch-state';
import { itemId } from '@pixdock/shared/state/records/item-id';
import { restoreState } from '@pixdock/shared/state/restore';
import type { WorkerDeps } from '../deps.js';

/** Records read at a time. */
const AT_ONCE = 256;

/** Whether all items of a batch are deleted, as was asked for the batch as a whole. */
export function isDeleted(state: BatchState): boolean {
  return state.deleteRequestedAt !== null && state.deleted === state.total && isBatchSettled(state);
}

/**
 * Removes everything of a batch whose items are all deleted, but its entry and a tombstone. May stop anywhere and be
 * repeated: the tombstone comes first, and the rows go last. False when it was stopped.
 */
export async function buryBatch(
  deps: WorkerDeps,
  state: BatchState,
  entry: BatchEntry,
  signal: AbortSignal,
): Promise<boolean> {
  const { batches } = deps.staging;
  const { id } = entry;
  if ((await batches.tombstone(id)) === null)
    await batches.addTombstone(id, tombstoneOf(state, deps.config.retentionMs));
  await restoreState(deps, entry);
  const hasRows = await batches.hasRows(id);
  // Before the records: a restore would take an account without a record for one that Redis lost.
  if (hasRows && !(await dropAccounts(deps, entry, signal))) return false;
  if (!(await dropRecords(deps, id, signal))) return false;
  if (hasRows) await batches.dropRows(id);
  return true;
}

async function dropAccounts(
  { staging }: WorkerDeps,
  entry: BatchEntry,
  signal: AbortSignal,
): Promise<boolean> {
  const places = Array.from({ length: entry.total }, (_, place) => place);
  await inGroups(places, async (place) => {
    if (signal.aborted) return;
    const imageId = itemId(entry, place);
    await staging.forget(imageId);
    await staging.dropDeletion(imageId);
  });
  return !signal.aborted;
}

/** Also records that an earlier state of Redis, put back from a backup, has of items that were deleted since. */
async function dropRecords(
  { batches, records }: WorkerDeps,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  let left = 0;
  for (;;) {
    const imageIds = await batches.someItems(id, left, AT_ONCE);
    if (imageIds.length === 0) return true;
    const gone: string[] = [];
    await inGroups(imageIds, async (imageId) => {
      if (signal.aborted) return;
      const record = await orUnreadable(() => records.get(imageId));
      const isGone = record === null || (record !== 'unreadable' && (await records.forget(record)));
      if (isGone) gone.push(imageId);
      // One that changed in the meantime is read again.
      else if (record === 'unreadable') left++;
    });
    await batches.dropItems(id, gone);
    if (signal.aborted) return false;
  }
}

function tombstoneOf(state: BatchState, retentionMs: number): Tombstone {
  const { cancelRequestedAt, deleteRequestedAt, finishedAt, expiresAt } = state;
  const now = Date.now();
  return {
    cancelRequestedAt: cancelRequestedAt === null ? null : isoTime(cancelRequestedAt),
    deleteRequestedAt: isoTime(deleteRequestedAt ?? now),
    finishedAt: isoTime(finishedAt ?? now),
    expiresAt: isoTime(expiresAt ?? now + retentionMs),
  };
}
