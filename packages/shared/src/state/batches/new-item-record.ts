import type { Status } from '@pixdock/contract/status';
import { isoTime } from '../../runtime/clock.js';
import { erasedRecord } from '../images/erased-record.js';
import type { ImageRecord, RecordIn } from '../images/image-record.js';
import { newRecord, type Source, unfetched } from '../images/new-record.js';
import { storedError } from '../images/stored-error.js';
import type { BatchEntry, Tombstone } from './batch-entry.js';
import type { BatchState } from './batch-state.js';
import { itemId } from './item-id.js';
import type { ManifestItem } from './manifest-item.js';

/**
 * The first record of a batch's item: queued, or failed if its row is invalid.
 * @param version the lowest version of the batch
 */
export function newItemRecord(
  batch: ItemBatch,
  place: number,
  item: ManifestItem,
  version: number,
): RecordIn<'queued' | 'failed'> {
  const record = newRecord({
    id: itemId(batch, place),
    owner: batch.owner,
    profile: item.profile,
    externalId: item.externalId,
    metadata: item.metadata,
    source: unfetched(kindOf(item), item.filename, item.origin?.kind === 'url' ? item.origin.url : null),
    declaredType: item.declaredType,
    expectedSha256: item.sha256,
    createdAt: batch.createdAt,
    metadataIndex: batch.metadataIndex,
    replace: batch.replace,
    // An invalid row has nothing to delete, and ends with its batch.
    deleteAfterSeconds: item.fault === null ? item.deleteAfterSeconds : null,
  });
  const internal = { ...record.internal, place };
  const made = { ...record, version, batchId: batch.id, row: item.row, position: item.position, internal };
  if (item.fault === null) return made;
  const { createdAt, retentionMs } = batch;
  return {
    ...made,
    ...endedAt(Date.parse(createdAt), retentionMs),
    status: 'failed',
    error: item.fault,
    internal: { ...internal, isInvalidRow: true },
  };
}

type ItemBatch = Pick<
  BatchEntry,
  'id' | 'secret' | 'owner' | 'createdAt' | 'retentionMs' | 'metadataIndex' | 'replace'
>;

// An invalid row has no origin; before the fetch only files have names.
function kindOf({ origin, filename }: ManifestItem): Source['kind'] {
  return origin?.kind === 'url' || (origin === null && filename === null) ? 'url' : 'upload';
}

/** The record of an item whose batch has a tombstone, and no row. */
export function deletedItem(batch: BatchEntry, place: number, tombstone: Tombstone): ImageRecord {
  const fields = { profile: batch.profile, externalId: null, metadata: {}, sha256: null };
  const source = { filename: null, declaredType: null, origin: null, fault: null };
  const item = { row: 1, position: 1, ...fields, deleteAfterSeconds: null, ...source };
  const { deleteRequestedAt } = tombstone;
  const { updatedAt, ...end } = endedAt(Date.parse(deleteRequestedAt), batch.retentionMs);
  return { ...erasedRecord(newItemRecord(batch, place, item, 1), { ...end, deleteRequestedAt }), updatedAt };
}

/**
 * The record of an item that has none in Redis, from its row and the batch's state: queued, failed, canceled or deleted.
 * @param item from `newItemRecord`
 */
export function itemWithoutRecord(item: ImageRecord, batch: BatchEntry, state: ItemsState): ImageRecord {
  const { minVersion, cancelRequestedAt, deleteRequestedAt } = state;
  const status = statusWithoutRecord(item, state);
  if (status === 'deleted') {
    const deletedAt = deleteRequestedAt ?? Date.parse(item.createdAt);
    const { updatedAt, ...end } = endedAt(deletedAt, batch.retentionMs);
    const erased = erasedRecord(item, { ...end, deleteRequestedAt: isoTime(deletedAt) });
    return { ...erased, version: minVersion + 2, updatedAt };
  }
  const untouched = { ...item, version: minVersion };
  if (status !== 'canceled') return untouched;
  return {
    ...untouched,
    ...endedAt(cancelRequestedAt ?? Date.parse(item.createdAt), batch.retentionMs),
    version: minVersion + 1,
    status: 'canceled',
    url: null,
    error: storedError('canceled'),
    deleteAt: null,
  };
}

/**
 * The status of an item that has no record. `transition.lua` has the same rule, for the counts of the batch.
 * @param item from `newItemRecord`
 */
export function statusWithoutRecord(
  item: ImageRecord,
  { canceledBefore, deletedBefore }: Pick<BatchState, 'canceledBefore' | 'deletedBefore'>,
): Status {
  const place = item.internal.place ?? 0;
  if (place < deletedBefore) return 'deleted';
  return place < canceledBefore && item.status === 'queued' ? 'canceled' : item.status;
}

type ItemsState = Pick<
  BatchState,
  'minVersion' | 'canceledBefore' | 'deletedBefore' | 'cancelRequestedAt' | 'deleteRequestedAt'
>;

/** Independent of the current time: these responses have one version. */
function endedAt(ms: number, retentionMs: number) {
  const at = isoTime(ms);
  return { updatedAt: at, finishedAt: at, expiresAt: isoTime(ms + retentionMs) };
}
