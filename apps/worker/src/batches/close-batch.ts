import { announcementOf, batchEventOf } from '@pixdock/shared/state/records/batch-event';
import { type BatchState, isBatchSettled } from '@pixdock/shared/state/records/batch-state';
import type { Needs } from '../deps.js';

type Deps = Needs<'batches' | 'staging' | 'events', 'retentionMs'>;

/** Closes a batch and sends its event; false if it has work left, or changed since it was read. */
export async function closeBatch(
  { batches, staging, events, config }: Deps,
  state: BatchState,
): Promise<boolean> {
  if (!isBatchSettled(state)) return false;
  const event = batchEventOf(state, await staging.batches.announcement(state.id));
  if (!(await batches.close(state, Date.now() + config.retentionMs, event))) return false;
  events.batchFinished(state);
  // A buried batch keeps no other files, and a restore sends nothing about it.
  if (event === null || state.buriedAt !== null) return true;
  const { version, timestamp } = { ...event.event.data, ...event.event };
  await staging.batches.noteAnnouncement(state.id, {
    ...announcementOf(state),
    version,
    finishedAt: timestamp,
  });
  return true;
}
