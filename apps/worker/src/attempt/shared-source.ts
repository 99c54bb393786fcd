import { link, rm } from 'node:fs/promises';
import type { ErrorCode, Text } from '@pixdock/contract/error-table';
import type { Manifest } from '@pixdock/shared/state/batches/manifest';
import { isThere } from '@pixdock/shared/state/files/durable';
import { batchFiles } from '@pixdock/shared/state/files/layout';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { isSettled, needsSource } from '@pixdock/shared/state/records/view';
import type { WorkerDeps } from '../deps.js';

type Parts = Pick<WorkerDeps, 'staging' | 'records' | 'batches'>;

/** What an item does whose source an earlier item of its batch has as well: that one fetches, all others take. */
export type Share =
  | { outcome: 'alone' }
  | { outcome: 'waits' }
  | { outcome: 'here'; path: string }
  | { outcome: 'failed'; code: ErrorCode; detail: Text };

const ALONE: Share = { outcome: 'alone' };

/** Looks whether the source is to be taken from another item. A retry always fetches for itself. */
export async function findShare({ staging, records }: Parts, record: ImageRecord): Promise<Share> {
  const found = await inBatch(staging, record);
  if (found === null || record.run > 1) return ALONE;
  const { manifest, place } = found;
  const leader = await manifest.leaderOf(place);
  if (leader === null) return ALONE;
  const path = batchFiles(manifest.folder).shared(leader);
  if (await isThere(path)) return { outcome: 'here', path };
  const first = await records.get(manifest.id(leader));
  if (first === null) return ALONE;
  if (!isSettled(first)) return first.run === 1 && needsSource(first) ? { outcome: 'waits' } : ALONE;
  if (first.status !== 'failed' || first.error === null || !needsSource(first)) return ALONE;
  const [mine, its] = await Promise.all([manifest.item(place), manifest.item(leader)]);
  // What a profile asks of a source is not asked by another.
  if (!manifest.sameAddress(mine, its) || mine.profile !== its.profile) return ALONE;
  return { outcome: 'failed', ...first.error };
}

/** Keeps the source of an item for the others that have it, before the item goes on and lets go of it. */
export async function offerShare({ staging }: Parts, record: ImageRecord): Promise<void> {
  const found = await inBatch(staging, record);
  if (found === null || record.run > 1) return;
  const { manifest, place } = found;
  if ((await manifest.followersOf(place)).length === 0) return;
  await link(staging.layout.source(record.id), batchFiles(manifest.folder).shared(place)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
}

/** Notes that an item has taken its shared source; the last one removes it. */
export async function countShare({ staging, batches }: Parts, record: ImageRecord): Promise<void> {
  const found = await inBatch(staging, record);
  const leader = found === null ? null : await found.manifest.leaderOf(found.place);
  if (found === null || leader === null) return;
  const { manifest } = found;
  const taken = await batches.countTaken(manifest.entry.id, leader);
  if (taken >= (await manifest.followersOf(leader)).length)
    await rm(batchFiles(manifest.folder).shared(leader), { force: true });
}

async function inBatch(
  staging: Parts['staging'],
  { id, batchId, internal }: ImageRecord,
): Promise<{ manifest: Manifest; place: number } | null> {
  const manifest = batchId === null ? null : await staging.batches.open(batchId);
  return manifest === null || internal.item === null || manifest.place(id) === null
    ? null
    : { manifest, place: internal.item };
}
