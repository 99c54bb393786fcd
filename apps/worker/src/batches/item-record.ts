import type { Manifest } from '@pixdock/shared/state/batches/manifest';
import { isThere } from '@pixdock/shared/state/files/optional-file';
import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { ManifestItem } from '@pixdock/shared/state/records/manifest-item';
import { newItemRecord } from '@pixdock/shared/state/records/new-item-record';
import { recreateRecord } from '@pixdock/shared/state/records/recreate-record';
import type { Parts } from '../deps.js';
import type { BatchCursor } from './batch-cursors.js';
import type { OwnerWindows } from './owner-window.js';

/** A batch during one pass of its job. */
export interface OpenBatch {
  state: BatchState;
  manifest: Manifest;
  cursor: BatchCursor;
  windows: OwnerWindows;
}

/**
 * The record of an item: from Redis, or from staging after Redis lost it; null when nothing has happened to the item
 * yet.
 */
export async function recordOf(
  parts: Parts<'records' | 'staging'>,
  imageId: string,
): Promise<ImageRecord | null> {
  return (await parts.records.get(imageId)) ?? recordFromStaging(parts, imageId);
}

/** Redis may have lost an item alone: after a crash or failover it goes back a second, and still has the batch. */
export async function recordFromStaging(
  { records, staging }: Parts<'records' | 'staging'>,
  imageId: string,
): Promise<ImageRecord | null> {
  const entry = await staging.ownEntry(imageId);
  return entry === null ? null : (await recreateRecord(records, entry.record)).record;
}

/** The record of an item that was never started, or that Redis lost without an entry in staging. */
export async function newRecordOf(
  { staging }: Parts<'staging'>,
  { state, manifest }: OpenBatch,
  place: number,
  item: ManifestItem,
): Promise<ImageRecord> {
  const record = newItemRecord(manifest.entry, place, item, state.minVersion);
  const { internal } = record;
  // An attempt makes a folder for the item before it stores any object.
  const keysLost = internal.keysLost && (await isThere(staging.layout.image(record.id)));
  return { ...record, internal: { ...internal, keysLost } };
}
