import { isSettled } from '@pixdock/contract/status';
import { nowMs } from '@pixdock/shared/runtime/clock';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { UploadLeftover } from '@pixdock/shared/state/folder-staging/staged-uploads';
import type { Leftover } from '@pixdock/shared/state/folder-staging/walk';
import { type ImageRecord, isKeptForRetry } from '@pixdock/shared/state/images/image-record';
import type { Parts } from '../deps.js';

/** The longest silence of a live upload is 30 s, so an upload without a byte for ten minutes is abandoned. */
const ABANDONED_MS = 10 * 60_000;
/** How long the source of a failed image is kept for `retry`. */
const FAILED_SOURCE_MS = 24 * 3600_000;

// Each function removes one thing if it is not needed any more, and returns whether it did.

/** An upload, a batch or an entry that a killed process left unfinished. */
export async function removeAbandoned(leftover: Leftover): Promise<boolean> {
  return (await leftover.isIdle(ABANDONED_MS)) && leftover.remove();
}

/** A resumable upload after its time, finished or not, or the rest of one that a killed process was finishing or removing. */
export async function removeExpiredUpload(upload: UploadLeftover): Promise<boolean> {
  const expiresAt = await upload.expiresAt();
  if (expiresAt === null) return removeAbandoned(upload);
  return Date.parse(expiresAt) <= nowMs() && upload.remove();
}

/** The files of a batch that ended longer ago than its failed items may be retried. */
export async function removeBatchFiles(
  { batches, staging }: Parts<'batches' | 'staging'>,
  id: string,
): Promise<boolean> {
  if (!(await staging.batches.hasMaterials(id))) return false;
  const state = await orUnreadable(() => batches.inRedis(id));
  const finishedAt = state === 'unreadable' ? null : (state?.finishedAt ?? null);
  if (finishedAt === null || finishedAt > nowMs() - FAILED_SOURCE_MS) return false;
  await staging.batches.dropMaterials(id);
  return true;
}

/** Whether all items of a batch are deleted, read once per batch. */
export function cacheIsPurged({ batches }: Parts<'staging'>['staging']) {
  const known = new Map<string, Promise<boolean>>();
  return (batchId: string): Promise<boolean> => {
    const isPurged = known.get(batchId) ?? batches.tombstone(batchId).then((tombstone) => tombstone !== null);
    known.set(batchId, isPurged);
    return isPurged;
  };
}

/** The files of an image that has ended, including those that a late attempt wrote, or of an image without a record. */
export async function removeEndedImage(
  { images, staging }: Parts<'images' | 'staging'>,
  id: string,
  isPurged: ReturnType<typeof cacheIsPurged>,
): Promise<boolean> {
  const read = () => orUnreadable(() => images.get(id));
  if (!mayRemove(await read())) return false;
  // A retry may have just been requested, or an attempt may not know yet that the image has ended.
  if (!(await staging.isIdle(id, ABANDONED_MS))) return false;
  // The image may have changed since then.
  const record = await read();
  if (!mayRemove(record)) return false;
  const batchId = record?.batchId ?? null;
  const wasPurged = batchId !== null && (await isPurged(batchId));
  if (record === null || wasPurged || isKeptForRetry(record)) await staging.dropFiles(id);
  else await images.writeOutcome(record);
  return true;
}

function mayRemove(record: ImageRecord | null | 'unreadable'): record is ImageRecord | null {
  if (record === null) return true;
  if (record === 'unreadable' || !isSettled(record)) return false;
  return !isKeptForRetry(record) || Date.parse(record.finishedAt) <= nowMs() - FAILED_SOURCE_MS;
}
