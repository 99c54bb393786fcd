import type { Status } from '@pixdock/contract/status';
import { nowMs } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { WithoutRecord } from '@pixdock/shared/state/batches/batch-items';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { ManifestItem } from '@pixdock/shared/state/batches/manifest-item';
import { itemWithoutRecord, statusWithoutRecord } from '@pixdock/shared/state/batches/new-item-record';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Needs, Parts } from '../deps.js';
import type { BatchPass } from './batch-pass.js';

/** Items read at a time and ended by one command, which takes Redis well under a millisecond. */
export const ITEMS_AT_ONCE = 256;

/**
 * Cancels or deletes the items from `from` to `to` that have no record, without creating one, a stretch at a time. Yields the
 * other items of each stretch, in order. Ends when one of them got its record at this moment: the next pass reads them again.
 */
export async function* endInStretches(
  deps: Parts<'images'> & Needs<'batches' | 'events', 'retentionMs'>,
  pass: BatchPass,
  { status, from, to: end }: Pick<WithoutRecord, 'status' | 'to'> & { from: number },
): AsyncGenerator<{ records: ImageRecord[]; to: number }> {
  const boundary = `${status}Before` as const;
  let { state } = pass;
  for (let start = from; start < Math.min(end, state.total); ) {
    const to = Math.min(start + ITEMS_AT_ONCE, end, state.total);
    const { records, withoutRecord } = await readStretch(deps, pass, start, to);
    if (!(await endStretch(deps, state, withoutRecord, { status, to }))) return;
    yield { records, to };
    state = { ...state, [boundary]: Math.max(state[boundary], to) };
    start = to;
  }
}

/** An item that needs no record, with the one that it would have. */
interface Unrecorded {
  place: number;
  record: ImageRecord;
}

/**
 * Reads the items of a stretch. An item that Redis lost gets its record back from staging, or a record which says that it
 * may have unknown objects.
 */
async function readStretch({ images }: Parts<'images'>, pass: BatchPass, from: number, to: number) {
  const { manifest, state } = pass;
  const rows: { place: number; item: ManifestItem }[] = [];
  for await (const row of manifest.items(from, to)) rows.push(row);
  const records = [...(await images.restoreLostMany(rows.map(({ place }) => manifest.id(place))))];
  const withoutRecord: Unrecorded[] = [];
  await inGroups(rows.entries(), async ([i, { place, item }]) => {
    if (records[i] !== null) return;
    const fresh = await images.firstOf(state, manifest, place, item);
    if (!fresh.internal.keysLost) withoutRecord.push({ place, record: fresh });
    else records[i] = await images.createOrRead(withBatchStatus(fresh, pass));
  });
  return { records: records.filter((record) => record !== null), withoutRecord };
}

/** An item before `canceledBefore` must get a canceled record, which keeps the note of unknown objects. */
function withBatchStatus(fresh: ImageRecord, { manifest, state }: BatchPass): ImageRecord {
  const { internal, updatedAt, deleteRequestedAt } = fresh;
  return { ...itemWithoutRecord(fresh, manifest.entry, state), internal, updatedAt, deleteRequestedAt };
}

/** False when one of the items has a record by now. */
async function endStretch(
  { batches, events, config }: Needs<'batches' | 'events', 'retentionMs'>,
  state: BatchState,
  withoutRecord: readonly Unrecorded[],
  { status, to }: Pick<WithoutRecord, 'status' | 'to'>,
): Promise<boolean> {
  const done = state[`${status}Before`];
  if (to <= done) return true;
  const items = withoutRecord.filter(({ place }) => place >= done);
  const counted: Partial<Record<Status, number>> = {};
  for (const { record } of items) {
    const now = statusWithoutRecord(record, state);
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
