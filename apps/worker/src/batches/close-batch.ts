import { nowMs } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { batchEndOf } from '@pixdock/shared/state/batches/batch-event';
import { type BatchState, hasWorkLeft, isEndClosed } from '@pixdock/shared/state/batches/batch-state';
import type { Needs } from '../deps.js';

export type CloseDeps = Needs<'batches' | 'staging' | 'events', 'retentionMs'>;

/** Closes a batch and sends its event; false if it has work left, or changed since it was read. */
export async function closeBatch(
  { batches, staging, events, config }: CloseDeps,
  state: BatchState,
): Promise<boolean> {
  const { id, buriedAt } = state;
  if (hasWorkLeft(state)) return false;
  const isClosed = isEndClosed(state);
  const end = isClosed ? null : batchEndOf(state, await staging.batches.announcement(id));
  // First, so that a restore never sends the event under another id. It sends nothing about a buried batch.
  const isNoted = end !== null && buriedAt === null && (await staging.batches.open(id)) !== null;
  if (isNoted) await staging.batches.noteAnnouncement(id, end.announcement);
  if (!isClosed) faultpoint('batch-ending');
  if (!(await batches.close(state, nowMs() + config.retentionMs, end))) return false;
  if (!isClosed) faultpoint('batch-closed');
  const at = end === null ? state.finishedAt : Date.parse(end.announcement.finishedAt);
  if (!isClosed || buriedAt !== null) events.batchFinished({ ...state, finishedAt: at, announcedAt: at });
  return true;
}

/**
 * Closes the batch of an item that was its last: the job of the batch would find out up to a second later. The job closes a
 * batch that changed at this moment, and one that is deleted, since its rows must be removed first.
 */
export async function closeAfterLastItem(deps: CloseDeps, batchId: string | null): Promise<void> {
  const state = batchId === null ? null : await deps.batches.inRedis(batchId);
  if (state === null || isEndClosed(state)) return;
  if (state.deleteRequestedAt !== null || state.forgottenAt !== null) return;
  await closeBatch(deps, state);
}
