import { DELETED_STATUSES } from '@pixdock/contract/status';
import { EVENT_OF_STATUS } from '@pixdock/contract/webhook';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { range } from '@pixdock/shared/runtime/range';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { BatchEntry, Tombstone } from '@pixdock/shared/state/batches/batch-entry';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import { itemId } from '@pixdock/shared/state/batches/item-id';
import type { Staging } from '@pixdock/shared/state/staging';
import { uploadIdOf } from '@pixdock/shared/state/uploads/upload-entry';
import type { Delivery } from '@pixdock/shared/state/webhooks/delivery';
import type { Needs, Parts } from '../deps.js';

/** Records read at a time. */
const RECORDS_AT_ONCE = 256;

/**
 * Removes everything of a batch whose items are all deleted, except a file with its entry and a tombstone. It may stop anywhere and be
 * repeated: the tombstone comes first, and the rows are removed last. False when it was stopped.
 */
export async function purgeBatch(
  deps: Needs<'staging' | 'batches' | 'images' | 'idempotency' | 'deliveries', 'retentionMs'>,
  state: BatchState,
  entry: BatchEntry,
  signal: AbortSignal,
): Promise<boolean> {
  const { batches: staged } = deps.staging;
  const { id } = entry;
  const isRepeated = (await staged.tombstone(id)) !== null;
  if (!isRepeated) await staged.addTombstone(entry, tombstoneOf(state, deps.config.retentionMs));
  await deps.batches.restore(entry);
  const hasRows = await staged.hasRows(id);
  const buried = await deps.batches.inRedis(id);
  // The version stays unless Redis has lost the batch since it was read.
  const mayLackRecords = isRepeated || buried?.version !== state.version;
  // Redis may have lost the records of items that still have an entry in staging.
  if (mayLackRecords && hasRows && !(await dropEntries(deps, entry, signal))) return false;
  if (!(await dropRecords(deps, entry, signal))) return false;
  // Differs when Redis has lost the batch in the meantime.
  if ((await deps.batches.inRedis(id))?.buriedAt !== buried?.buriedAt) return false;
  if (hasRows) await staged.dropRows(id);
  await deps.staging.uploads.remove(uploadIdOf(id));
  if (entry.idempotency !== null) await deps.idempotency.eraseResponse(entry.owner, entry.idempotency, id);
  await deps.deliveries.removeAbout(entry.owner, id, isObsolete);
  return true;
}

async function dropEntries(
  { staging }: Parts<'staging'>,
  entry: BatchEntry,
  signal: AbortSignal,
): Promise<boolean> {
  await inGroups(range(0, entry.total), async (place) => {
    if (!signal.aborted) await dropEntry(staging, itemId(entry, place));
  });
  return !signal.aborted;
}

/** Removes everything of an item in staging but its row. */
export async function dropEntry(staging: Staging, imageId: string): Promise<void> {
  await staging.forget(imageId);
  await staging.dropDeletion(imageId);
}

/** Includes records of deleted items that came back with a backup of Redis. */
async function dropRecords(
  { staging, batches, images, deliveries }: Parts<'staging' | 'batches' | 'images' | 'deliveries'>,
  { id, owner }: BatchEntry,
  signal: AbortSignal,
): Promise<boolean> {
  let skipped = 0;
  for (;;) {
    const imageIds = await batches.someItems(id, skipped, RECORDS_AT_ONCE);
    if (imageIds.length === 0) return true;
    const gone: string[] = [];
    await inGroups(imageIds, async (imageId) => {
      if (signal.aborted) return;
      // Before the record: a restore would recreate the record of an item that still has an entry.
      await dropEntry(staging, imageId);
      await deliveries.removeAbout(owner, imageId, isObsolete);
      const record = await orUnreadable(() => images.inRedis(imageId));
      const isGone = record === null || (record !== 'unreadable' && (await images.forget(record)));
      if (isGone) gone.push(imageId);
      // A record that changed in the meantime is read again.
      else if (record === 'unreadable') skipped++;
    });
    await batches.dropItems(id, gone);
    if (signal.aborted) return false;
  }
}

/** Events that say what was deleted are still sent. */
const isObsolete = ({ event, status }: Delivery) =>
  status !== 'pending' || !DELETED_STATUSES.some((deleted) => event.type === EVENT_OF_STATUS[deleted]);

function tombstoneOf(state: BatchState, retentionMs: number): Tombstone {
  const { cancelRequestedAt, deleteRequestedAt, finishedAt, expiresAt } = state;
  const now = nowMs();
  return {
    cancelRequestedAt: cancelRequestedAt === null ? null : isoTime(cancelRequestedAt),
    deleteRequestedAt: isoTime(deleteRequestedAt ?? now),
    finishedAt: isoTime(finishedAt ?? now),
    expiresAt: isoTime(expiresAt ?? now + retentionMs),
  };
}
