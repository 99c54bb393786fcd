import type { Status } from '@pixdock/contract/status';
import { nowMs } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { ManifestItem } from '@pixdock/shared/state/batches/manifest-item';
import { itemWithoutRecord } from '@pixdock/shared/state/batches/new-item-record';
import type { Manifest } from '@pixdock/shared/state/folder-staging/manifest';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Needs, Parts } from '../deps.js';
import type { BatchPass } from './batch-pass.js';

/** Items read at a time and ended by one command, which takes Redis well under a millisecond. */
export const ITEMS_AT_ONCE = 256;

interface StretchItem {
  place: number;
  /** Its record or, where it needs none, the record that it would have. */
  record: ImageRecord;
}

/** Items of one stretch of a batch: those that have a record, in order, and those that do not need one. */
export interface Stretch {
  records: StretchItem[];
  withoutRecord: StretchItem[];
}

/**
 * Reads the items of a stretch. An item that Redis lost gets its record back from staging, or a record which says that it
 * may have unknown objects.
 */
export async function readStretch(
  { images }: Parts<'images'>,
  batch: BatchPass,
  from: number,
  rows: readonly ManifestItem[],
): Promise<Stretch> {
  const { manifest } = batch;
  const found = await images.upToDateMany(rows.map((_, i) => manifest.id(from + i)));
  const stretch: Stretch = { records: [], withoutRecord: [] };
  const look = rows.map((item, i) => ({ item, place: from + i, known: found[i] ?? null }));
  await inGroups(look, async ({ item, place, known }) => {
    let record = known;
    if (record === null) {
      const fresh = await images.firstOf(batch.state, manifest, place, item);
      if (!fresh.internal.keysLost) {
        stretch.withoutRecord.push({ place, record: fresh });
        return;
      }
      record = await images.createOrRead(withBatchStatus(fresh, batch));
    }
    if (record !== null) stretch.records.push({ place, record });
  });
  stretch.records.sort((a, b) => a.place - b.place);
  return stretch;
}

/** An item before `canceledBefore` must get a canceled record, which keeps the note of unknown objects. */
function withBatchStatus(fresh: ImageRecord, { manifest, state }: BatchPass): ImageRecord {
  const { internal, updatedAt, deleteRequestedAt } = fresh;
  return { ...itemWithoutRecord(fresh, manifest.entry, state), internal, updatedAt, deleteRequestedAt };
}

/**
 * Cancels or deletes, up to place `to`, items that have no record, without creating one. False when one of them has a record
 * by now: then the stretch must be read again.
 */
export async function endWithoutRecord(
  { batches, events, config }: Needs<'batches' | 'events', 'retentionMs'>,
  state: BatchState,
  { withoutRecord }: Stretch,
  { status, to }: { status: 'canceled' | 'deleted'; to: number },
): Promise<boolean> {
  const done = status === 'canceled' ? state.canceledBefore : state.deletedBefore;
  if (to <= done) return true;
  const items = withoutRecord.filter(({ place }) => place >= done);
  const counted: Partial<Record<Status, number>> = {};
  for (const { place, record } of items) {
    const isCanceled = place < state.canceledBefore && record.status === 'queued';
    const now = isCanceled ? 'canceled' : record.status;
    // A final status stays.
    if (status === 'canceled' && now !== 'queued') continue;
    counted[now] = (counted[now] ?? 0) + 1;
  }
  const expiresAt = nowMs() + config.retentionMs;
  const imageIds = items.map(({ record }) => record.id);
  const isEnded = await batches.endWithoutRecord(state, { status, to, imageIds, counted, expiresAt });
  const count = Object.values(counted).reduce((sum, ended) => sum + ended, 0);
  if (isEnded) events.itemsFinished(status, count);
  return isEnded;
}

/** The items from a place on, in stretches. */
export async function* stretches(
  manifest: Manifest,
  from: number,
  to: number,
): AsyncGenerator<{ from: number; rows: ManifestItem[] }> {
  let start = from;
  let rows: ManifestItem[] = [];
  for await (const { item } of manifest.items(from, to)) {
    rows.push(item);
    if (rows.length < ITEMS_AT_ONCE) continue;
    yield { from: start, rows };
    start += rows.length;
    rows = [];
  }
  if (rows.length > 0) yield { from: start, rows };
}
