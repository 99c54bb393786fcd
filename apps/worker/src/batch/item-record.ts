import type { Manifest } from '@pixdock/shared/batches/manifest';
import type { ManifestItem } from '@pixdock/shared/contract/batch';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import type { BatchState } from '@pixdock/shared/records/batch-state';
import { newItemRecord } from '@pixdock/shared/records/new-record';
import { restored } from '@pixdock/shared/records/transitions';
import { isThere } from '@pixdock/shared/staging/durable';
import type { WorkerDeps } from '../deps.js';

/** A batch that is being worked on. */
export interface OpenBatch {
  state: BatchState;
  manifest: Manifest;
  memory: Memory;
}

/** Where the next pass over a batch goes on. Losing it costs some looks. */
export interface Memory {
  /** Of the state that it is about: what Redis lost is looked at again from the beginning. */
  firstVersion: number;
  /** Place from which on items that were passed over are looked at again. */
  lookAgainFrom: number;
  /** Place of the first item that may not be canceled yet. */
  cancelFrom: number;
  /** Place of the first item that may not be deleted yet. */
  removeFrom: number;
  /** What is being tried again, and the place of the first item that may not be yet. */
  retrying: { name: string; from: number };
  /** Since when nobody looked for lost jobs; in ms. */
  healedAt: number;
}

/** Of a batch that is met for the first time. */
export const newMemory = (firstVersion: number): Memory => ({
  firstVersion,
  lookAgainFrom: 0,
  cancelFrom: 0,
  removeFrom: 0,
  retrying: { name: '', from: 0 },
  healedAt: Number.NEGATIVE_INFINITY,
});

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
  const account = await staging.account(imageId);
  if (account === null) return null;
  await records.create(restored(account.record));
  return records.get(imageId);
}

/** What an item is before anything has happened to it, or as far as anybody can tell after Redis lost it. */
export async function untouched(
  { staging }: Pick<WorkerDeps, 'staging'>,
  { state, manifest }: OpenBatch,
  place: number,
  item: ManifestItem,
): Promise<ImageRecord> {
  const record = newItemRecord(manifest.entry, place, item, state.firstVersion);
  const { internal } = record;
  // Whoever has or had it in hand has a folder for it, before anything is stored.
  const keysLost = internal.keysLost && (await isThere(staging.layout.image(record.id)));
  return { ...record, internal: { ...internal, keysLost } };
}
