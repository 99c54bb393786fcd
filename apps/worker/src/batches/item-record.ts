import type { Manifest } from '@pixdock/shared/state/batches/manifest';
import { isThere } from '@pixdock/shared/state/files/durable';
import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { ManifestItem } from '@pixdock/shared/state/records/manifest-item';
import { newItemRecord } from '@pixdock/shared/state/records/new-record';
import { recreateRecord } from '@pixdock/shared/state/records/recreate-record';
import type { WorkerDeps } from '../deps.js';
import type { Memory } from './batch-cursors.js';
import type { OwnerWindows } from './owner-window.js';

/** A batch that is being worked on. */
export interface OpenBatch {
  state: BatchState;
  manifest: Manifest;
  memory: Memory;
  windows: OwnerWindows;
}

/**
 * The record of an item: the one there is, or the one that staging tells of after Redis lost it, or null when nothing has
 * happened to the item yet.
 */
export async function recordOf(
  { records, staging }: Pick<WorkerDeps, 'records' | 'staging'>,
  imageId: string,
): Promise<ImageRecord | null> {
  const record = await records.get(imageId);
  if (record !== null) return record;
  // Also of a batch that Redis still has: one that went back a second, by a crash or a fail-over, lost the item alone.
  const entry = await staging.ownEntry(imageId);
  return entry === null ? null : (await recreateRecord(records, entry.record)).record;
}

/** What an item is before anything has happened to it, or as far as anybody can tell after Redis lost it. */
export async function untouched(
  { staging }: Pick<WorkerDeps, 'staging'>,
  { state, manifest }: OpenBatch,
  place: number,
  item: ManifestItem,
): Promise<ImageRecord> {
  const record = newItemRecord(manifest.entry, place, item, state.minVersion);
  const { internal } = record;
  // Whoever has or had it in hand has a folder for it, before anything is stored.
  const keysLost = internal.keysLost && (await isThere(staging.layout.image(record.id)));
  return { ...record, internal: { ...internal, keysLost } };
}
