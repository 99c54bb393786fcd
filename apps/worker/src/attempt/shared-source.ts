import { isSettled } from '@pixdock/contract/status';
import { type ImageRecord, needsSource } from '@pixdock/shared/state/images/image-record';
import type { StoredError } from '@pixdock/shared/state/images/stored-error';
import type { Needs, Parts } from '../deps.js';
import { readReusable } from './reusable.js';

/**
 * The source of an item that has the URL, or the picture of a workbook, of an earlier item of its batch: the first item asks for
 * it, the others share what it got.
 */
export type SharedSource =
  /** The item fetches for itself. */
  | { outcome: 'unshared' }
  | { outcome: 'pending' }
  | { outcome: 'here'; place: number }
  /** The first item has become an image that its owner has. */
  | { outcome: 'reused'; imageId: string; filename: string | null }
  | { outcome: 'failed'; error: StoredError };

const UNSHARED: SharedSource = { outcome: 'unshared' };

/** Looks for the source among the earlier items. A retry always fetches for itself. */
export async function findSharedSource(
  deps: Needs<'staging' | 'images' | 'batches', 'profiles' | 'labels'>,
  record: ImageRecord,
): Promise<SharedSource> {
  const { staging, images } = deps;
  const found = await staging.batches.locate(record.batchId, record.id);
  if (found === null || record.run > 1) return UNSHARED;
  const { manifest, place } = found;
  const leaderPlace = await manifest.leaderOf(place);
  if (leaderPlace === null) return UNSHARED;
  const here = { outcome: 'here', place: leaderPlace } as const;
  if (await manifest.hasShared(leaderPlace)) return here;
  const leader = await images.inRedis(manifest.id(leaderPlace));
  if (leader === null) return UNSHARED;
  // The earlier item shares its source before it needs none any more.
  if (!needsSource(leader) && (await manifest.hasShared(leaderPlace))) return here;
  if (!isSettled(leader)) return leader.run === 1 && needsSource(leader) ? { outcome: 'pending' } : UNSHARED;
  const { reusedId } = leader;
  if (reusedId === null && (leader.status !== 'failed' || !needsSource(leader))) return UNSHARED;
  const [own, other] = await Promise.all([manifest.item(place), manifest.item(leaderPlace)]);
  // A source that one profile refuses may be valid for another profile.
  if (!manifest.sameOrigin(own, other) || own.profile !== other.profile) return UNSHARED;
  if (leader.status === 'failed') return { outcome: 'failed', error: leader.error };
  const image = reusedId === null ? null : await readReusable(deps, record, reusedId);
  return image === null
    ? UNSHARED
    : { outcome: 'reused', imageId: image.id, filename: leader.source.filename };
}

/** Shares the fetched source with the later items of the batch, before the item itself is processed and removes it. */
export async function shareSource({ staging }: Parts<'staging'>, record: ImageRecord): Promise<void> {
  const found = await staging.batches.locate(record.batchId, record.id);
  if (found === null || record.run > 1) return;
  const { manifest, place } = found;
  if ((await manifest.followersOf(place)).length > 0) await manifest.share(place);
}

/** Counts that an item has linked the shared source, which is removed after the last item. */
export async function countSharedUse(
  { staging, batches }: Parts<'staging' | 'batches'>,
  record: ImageRecord,
): Promise<void> {
  const found = await staging.batches.locate(record.batchId, record.id);
  const leaderPlace = (await found?.manifest.leaderOf(found.place)) ?? null;
  if (found === null || leaderPlace === null) return;
  const { manifest } = found;
  const uses = await batches.countSharedUse(manifest.entry.id, leaderPlace);
  if (uses >= (await manifest.followersOf(leaderPlace)).length) await manifest.dropShared(leaderPlace);
}
