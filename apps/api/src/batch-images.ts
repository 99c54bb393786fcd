import { BATCH_ID } from '@pixdock/contract/ids';
import { range } from '@pixdock/shared/runtime/range';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import { type ImageFilter, isCreatedWithin, matchesFilter } from '@pixdock/shared/state/images/image-filter';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { decodeCursor, encodeCursor } from '@pixdock/shared/state/lists/cursor';
import type { Page } from '@pixdock/shared/state/lists/page';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import type { BatchParts } from './read-batch.js';

/** Items that are read at a time after the first read, which did not fill the page. */
const ROUND = 200;
/** Most items that are read for one page: ten rounds, a fraction of a second. */
const MAX_ITEMS_READ = 2000;

/**
 * Lists the images of a batch from the last row to the first, also images without a record. Null if the rows do not exist
 * or belong to another owner; then only records can be listed.
 */
export async function listBatchImages(
  parts: BatchParts,
  owner: string,
  filter: Omit<ImageFilter, 'externalId'> & { batchId: string },
  cursor: string | null,
  limit: number,
): Promise<Page<ImageRecord> | null> {
  const batch = await openBatch(parts, filter.batchId, owner);
  if (batch === null) return null;
  const { state, manifest } = batch;
  // All its items were created at the same time.
  if (!isCreatedWithin(state.createdAt, filter)) return { items: [], next: null };
  let end = cursor === null ? state.total : manifest.place(decodeCursor(cursor)?.id ?? '');
  if (end === null) return { items: [], next: null };
  const next = (record: ImageRecord | undefined) =>
    record === undefined ? null : encodeCursor({ score: state.createdAt, id: record.id });
  const records: ImageRecord[] = [];
  let last: ImageRecord | undefined;
  for (let read = 0, count = limit + 1; read < MAX_ITEMS_READ && end > 0; count = ROUND) {
    const from = Math.max(0, end - count);
    const places = range(from, end).toReversed();
    for (const record of await parts.images.ofBatch(state, manifest, places)) {
      if (matchesFilter(record, filter)) {
        if (records.length === limit) return { items: records, next: next(records.at(-1)) };
        records.push(record);
      }
      last = record;
    }
    read += places.length;
    end = from;
  }
  return { items: records, next: end === 0 ? null : next(last) };
}

async function openBatch(
  { batches, staging }: BatchParts,
  id: string,
  owner: string,
): Promise<{ state: BatchState; manifest: Manifest } | null> {
  if (!BATCH_ID.test(id)) return null;
  const state = await batches.inRedis(id);
  if (state?.owner !== owner || state.forgottenAt !== null || state.buriedAt !== null) return null;
  const manifest = await staging.batches.open(id, 0);
  if (manifest === null || (await staging.batches.tombstone(id)) !== null) return null;
  return { state, manifest };
}
