import { nowMs } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { range } from '@pixdock/shared/runtime/range';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { type BatchState, hasWorkLeft } from '@pixdock/shared/state/batches/batch-state';
import { itemId } from '@pixdock/shared/state/batches/item-id';
import { dropEntry } from '../batches/purge-batch.js';
import type { Parts } from '../deps.js';
import { forgetImage } from './forget-image.js';

const ITEMS_AT_ONCE = 256;
/** Ids of unreadable records in one log line. */
const NAMED = 20;

/**
 * Removes a batch whose retention has ended, with the records of all its items; their objects stay. False when the batch
 * must stay or is not completely removed yet; `unreadable` when only items remain whose records cannot be read.
 */
export async function forgetBatch(
  deps: Parts<'batches' | 'images' | 'staging' | 'log'>,
  id: string,
  signal: AbortSignal,
): Promise<boolean | 'unreadable'> {
  const { batches, staging, log } = deps;
  const state = await batches.inRedis(id);
  if (state === null) {
    await batches.dropExpiry(id);
    return true;
  }
  if (state.forgottenAt === null) {
    const isDue = state.expiresAt !== null && state.expiresAt <= nowMs();
    if (!isDue || hasWorkLeft(state) || !(await batches.beginForgetting(state))) return false;
  }
  if (state.buriedAt !== null && !(await removeLateEntries(deps, state, signal))) return false;
  // First, since a restore would start an item without an entry again.
  await staging.batches.forget(id);
  const unreadable: string[] = [];
  let skipped = 0;
  for (;;) {
    const imageIds = await batches.someItems(id, skipped, ITEMS_AT_ONCE);
    if (imageIds.length === 0) break;
    const gone: string[] = [];
    await inGroups(imageIds, async (imageId) => {
      if (signal.aborted) return;
      const result = await orUnreadable(() => forgetImage(deps, imageId));
      if (result === 'unreadable') unreadable.push(imageId);
      // An item with a pending request stays as a single image, and expires as such.
      if (result === true) gone.push(imageId);
      else skipped++;
    });
    // Includes items whose record was lost, which would be listed for ever.
    await batches.dropItems(id, gone);
    // The next sweep finds the batch again, since its own state is removed last.
    if (signal.aborted) return false;
  }
  if (unreadable.length > 0) {
    log.error({ id, count: unreadable.length, ids: unreadable.slice(0, NAMED) }, 'items cannot be read');
    return 'unreadable';
  }
  // A request that came too late may have left a file.
  await staging.batches.forget(id);
  await batches.forget(state);
  return true;
}

/**
 * Removes files that attempts wrote after the entries of a deleted batch were removed: a worker that was suspended writes
 * its outcome late. A large batch takes several sweeps, and each one continues where the last one ended. Returns false if
 * the signal aborted.
 */
async function removeLateEntries(
  { batches, staging }: Parts<'batches' | 'staging'>,
  state: BatchState,
  signal: AbortSignal,
): Promise<boolean> {
  const entry = (await staging.batches.open(state.id, 0))?.entry;
  if (entry === undefined) return true;
  for (let from = state.entriesRemovedBefore; from < entry.total; from += ITEMS_AT_ONCE) {
    if (signal.aborted) return false;
    const to = Math.min(from + ITEMS_AT_ONCE, entry.total);
    await inGroups(range(from, to), (place) => dropEntry(staging, itemId(entry, place)));
    await batches.noteEntriesRemoved(state, to);
  }
  return true;
}
