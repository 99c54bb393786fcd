import type { Manifest } from '@pixdock/shared/batches/manifest';
import { BATCH_ID } from '@pixdock/shared/contract/batch';
import type { ImageRecord, Status } from '@pixdock/shared/contract/image';
import { PixdockError } from '@pixdock/shared/errors';
import type { BatchState } from '@pixdock/shared/records/batch-state';
import type { ItemFilter } from '@pixdock/shared/records/batches';
import { newItemRecord } from '@pixdock/shared/records/new-record';
import { restoredVersion } from '@pixdock/shared/records/restored';
import type { ApiDeps } from './deps.js';
import { putBack } from './put-back.js';

type Parts = Pick<ApiDeps, 'batches' | 'records' | 'staging'>;

/** An owner's batch. @throws PixdockError not_found, also for another owner's; rate_limited */
export async function readBatch(
  parts: Parts & Pick<ApiDeps, 'readLimits'>,
  id: string,
  owner: string,
): Promise<BatchState> {
  if (!BATCH_ID.test(id)) throw new PixdockError('not_found');
  const state = await readOwn(parts, id, owner);
  if (state !== null) return state;
  using _ = await parts.readLimits.unknownIds.acquire(owner);
  return readStagedBatch(parts, id, owner);
}

/** As `readBatch`, also where Redis lost it and the restore has not come to it yet. The caller holds a permit. */
export async function readStagedBatch(parts: Parts, id: string, owner: string): Promise<BatchState> {
  const known = await readOwn(parts, id, owner);
  if (known !== null) return known;
  // Another owner's batch is looked up in the same way as an unknown one.
  const entry = (await parts.staging.batches.open(id, 0))?.entry;
  if (entry?.owner === owner) await parts.batches.create(entry, restoredVersion(entry.createdAt));
  const state = await readOwn(parts, id, owner);
  if (state === null) throw new PixdockError('not_found');
  return state;
}

async function readOwn({ batches }: Parts, id: string, owner: string): Promise<BatchState | null> {
  const state = await batches.get(id);
  return state?.owner === owner && state.forgottenAt === null ? state : null;
}

/** @throws PixdockError not_retryable: nothing of a batch that is canceled or deleted goes on */
export function refuseIfOver({ cancelRequestedAt, deleteRequestedAt }: BatchState): void {
  if (cancelRequestedAt === null && deleteRequestedAt === null) return;
  throw new PixdockError('not_retryable', {
    en: 'The batch was canceled or deleted; submit what is still wanted as a new one.',
    zh: '该批次已被取消或删除；如仍需要，请作为新批次提交。',
  });
}

/** @throws PixdockError not_found: what staging held of the batch is gone */
export async function openItems({ staging }: Parts, id: string): Promise<Manifest> {
  const manifest = await staging.batches.open(id, 0);
  if (manifest === null) throw new PixdockError('not_found');
  return manifest;
}

/** Records of items as they stand, in the order of `places`; one that nothing has happened to yet is queued. */
export async function readItems(
  { records, staging }: Parts,
  state: BatchState,
  manifest: Manifest,
  places: readonly number[],
): Promise<ImageRecord[]> {
  const found = await records.getMany(places.map((place) => manifest.id(place)));
  // An item of which Redis lost the record alone, in its last second, is told as queued until it is restored.
  const mayHaveAccount = state.firstVersion > 1;
  return Promise.all(
    places.map(async (place, i) => {
      const record = found[i];
      if (record !== null && record !== undefined) return record;
      const account = mayHaveAccount ? await staging.account(manifest.id(place)) : null;
      if (account !== null) return putBack(records, account.record);
      return newItemRecord(manifest.entry, place, await manifest.item(place), state.firstVersion);
    }),
  );
}

/** Places of items, from a place on, in order: of all, or of those with a status or a failure code. */
export async function findPlaces(
  { batches }: Parts,
  state: BatchState,
  filter: ItemFilter | null,
  from: number,
  count: number,
): Promise<number[]> {
  if (filter === null) return range(from, Math.min(state.total, from + count));
  if (isQueued(filter) && state.queued === 0) return [];
  const found = await batches.places(state.id, filter, from, count);
  if (!isQueued(filter)) return found;
  // What was passed over, or not come to yet, is queued too, and in no index.
  const pending = await batches.window(state).pending(from, count);
  const untouched = range(
    Math.max(from, state.next),
    Math.min(state.total, Math.max(from, state.next) + count),
  );
  const all = new Set([...found, ...pending.map(({ place }) => place), ...untouched]);
  return [...all].toSorted((a, b) => a - b).slice(0, count);
}

function isQueued(filter: ItemFilter): boolean {
  return 'status' in filter && filter.status === ('queued' satisfies Status);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
