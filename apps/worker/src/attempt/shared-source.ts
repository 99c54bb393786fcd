import { link } from 'node:fs/promises';
import { batchFiles } from '@pixdock/shared/state/files/layout';
import { isThere, removeFile } from '@pixdock/shared/state/files/optional-file';
import { type ImageRecord, isSettled, needsSource } from '@pixdock/shared/state/images/image-record';
import type { StoredError } from '@pixdock/shared/state/images/stored-error';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import type { Parts } from '../deps.js';

/** The source of an item that has the same URL as an earlier item of its batch: the first item fetches it, the others link it. */
export type SharedSource =
  /** The item fetches for itself. */
  | { outcome: 'unshared' }
  | { outcome: 'pending' }
  | { outcome: 'here'; path: string }
  | { outcome: 'failed'; error: StoredError };

const UNSHARED: SharedSource = { outcome: 'unshared' };

/** Looks for the source among the earlier items. A retry always fetches for itself. */
export async function findSharedSource(
  { staging, images }: Parts<'staging' | 'images'>,
  record: ImageRecord,
): Promise<SharedSource> {
  const found = await findInBatch({ staging }, record);
  if (found === null || record.run > 1) return UNSHARED;
  const { manifest, place } = found;
  const leader = await manifest.leaderOf(place);
  if (leader === null) return UNSHARED;
  const path = batchFiles(manifest.folder).shared(leader);
  if (await isThere(path)) return { outcome: 'here', path };
  const first = await images.recorded(manifest.id(leader));
  if (first === null) return UNSHARED;
  // The earlier item shares its source before it needs none any more.
  if (!needsSource(first) && (await isThere(path))) return { outcome: 'here', path };
  if (!isSettled(first)) return first.run === 1 && needsSource(first) ? { outcome: 'pending' } : UNSHARED;
  if (first.status !== 'failed' || !needsSource(first)) return UNSHARED;
  const [own, other] = await Promise.all([manifest.item(place), manifest.item(leader)]);
  // A source that one profile refuses may be valid for another profile.
  if (!manifest.sameRequest(own, other) || own.profile !== other.profile) return UNSHARED;
  return { outcome: 'failed', error: first.error };
}

/** Links the fetched source for the later items of the batch, before the item itself is processed and removes it. */
export async function shareSource({ staging }: Parts<'staging'>, record: ImageRecord): Promise<void> {
  const found = await findInBatch({ staging }, record);
  if (found === null || record.run > 1) return;
  const { manifest, place } = found;
  if ((await manifest.followersOf(place)).length === 0) return;
  await link(staging.layout.source(record.id), batchFiles(manifest.folder).shared(place)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
}

/** Counts that an item has linked the shared source, which is removed after the last item. */
export async function countSharedUse(
  { staging, batches }: Parts<'staging' | 'batches'>,
  record: ImageRecord,
): Promise<void> {
  const found = await findInBatch({ staging }, record);
  const leader = found === null ? null : await found.manifest.leaderOf(found.place);
  if (found === null || leader === null) return;
  const { manifest } = found;
  const uses = await batches.countSharedUse(manifest.entry.id, leader);
  if (uses >= (await manifest.followersOf(leader)).length)
    await removeFile(batchFiles(manifest.folder).shared(leader));
}

async function findInBatch(
  { staging }: Parts<'staging'>,
  { id, batchId, internal }: ImageRecord,
): Promise<{ manifest: Manifest; place: number } | null> {
  const manifest = batchId === null ? null : await staging.batches.open(batchId);
  return manifest === null || internal.place === null || manifest.place(id) === null
    ? null
    : { manifest, place: internal.place };
}
