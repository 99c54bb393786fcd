import { PixdockError } from '@pixdock/contract/error';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { BATCH_ID } from '@pixdock/contract/ids';
import { detailOf } from '@pixdock/contract/messages/detail';
import { range } from '@pixdock/shared/runtime/range';
import type { ItemFilter } from '@pixdock/shared/state/batches/batch-items';
import { type BatchState, isEnding } from '@pixdock/shared/state/batches/batch-state';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import type { Parts } from './deps.js';

/** Where a batch and its items may be. */
export type BatchParts = Parts<'batches' | 'images' | 'staging'>;

/** An owner's batch. @throws PixdockError not_found, also for another owner's; rate_limited */
export async function readBatch(
  { batches, readLimits }: Parts<'batches' | 'readLimits'>,
  id: string,
  owner: string,
): Promise<BatchState> {
  if (!BATCH_ID.test(id)) throw new PixdockError('not_found');
  const own = (state: BatchState | null) =>
    state?.owner === owner && state.forgottenAt === null ? state : null;
  const recorded = own(await batches.inRedis(id));
  if (recorded !== null) return recorded;
  // Another owner's batch is looked up in the same way as an unknown one.
  using _ = await readLimits.unknownIds.acquire(owner);
  const state = own(await batches.get(id));
  if (state === null) throw new PixdockError('not_found');
  return state;
}

/** @throws PixdockError not_retryable if the batch is canceled or deleted */
export function refuseIfEnding(batch: BatchState): void {
  if (isEnding(batch)) throw new PixdockError('not_retryable', detailOf('batch-is-over'));
}

/** @throws PixdockError not_found if the rows are gone, after RETENTION or because the batch is deleted */
export async function readManifest({ staging }: Parts<'staging'>, id: string): Promise<Manifest> {
  const manifest = await staging.batches.open(id, 0);
  if (manifest === null || (await staging.batches.tombstone(id)) !== null)
    throw new PixdockError('not_found');
  return manifest;
}

/**
 * Places of items in order, beginning at `from`: of all items, or of items that may match the filter. The caller reads the
 * items and keeps those that match.
 */
export async function findPlaces(
  { batches }: Parts<'batches'>,
  state: BatchState,
  manifest: Manifest,
  filter: ItemFilter | null,
  from: number,
  count: number,
): Promise<number[]> {
  if (filter === null) return range(from, Math.min(state.total, from + count));
  if (filter.status === 'queued' && state.queued === 0) return [];
  const found = await batches.places(state.id, filter, from, count);
  const others = await placesWithoutRecord();
  if (others.length === 0) return found;
  const all = new Set([...found, ...others]);
  return [...all].toSorted((a, b) => a - b).slice(0, count);

  async function placesWithoutRecord(): Promise<number[]> {
    const { status, code } = filter ?? {};
    const upTo = (end: number) => range(from, Math.min(end, from + count));
    if (status === 'deleted') return upTo(state.deletedBefore);
    if (status === 'canceled' || code === 'canceled') return upTo(state.canceledBefore);
    if (status === 'failed' || ROW_FAULTS.includes(code ?? ''))
      return manifest.entry.invalid === 0 ? [] : manifest.invalidPlaces(from, count);
    if (status !== 'queued') return [];
    // Items that were skipped or not reached yet are queued too, and are in no index.
    const pending = await batches.window(state).pending(from, count);
    const next = Math.max(from, state.next);
    return [...pending.map(({ place }) => place), ...range(next, Math.min(state.total, next + count))];
  }
}

/** Whether an item matches a filter. The indexes of places may be older or newer than the records. */
export function matches(record: ImageRecord, filter: ItemFilter | null): boolean {
  if (filter === null) return true;
  return filter.code === undefined ? record.status === filter.status : record.error?.code === filter.code;
}

/** Errors of items that were invalid when the batch was received. */
const ROW_FAULTS: readonly string[] = ['invalid_row', 'empty_file', 'source_too_large'] satisfies ErrorCode[];
