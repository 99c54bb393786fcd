import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { isSettled } from '@pixdock/shared/state/records/view';
import { type ObjectSet, objectSets } from '../object-sets.js';
import { checkEnded } from './check-ended.js';
import { checkPublished } from './check-published.js';
import { checkWaiting } from './check-waiting.js';
import { checkWithoutRecord } from './check-without-record.js';
import type { ReconcileDeps } from './deps.js';
import { mergeById } from './merge-by-id.js';
import { type Slice, shardOf, slices } from './slices.js';

export interface ImageCounts {
  records: number;
  objects: number;
  /** Published images whose record has expired (RETENTION). */
  outlived: number;
  /** Objects under the prefix that Pixdock did not create. */
  foreign: number;
}

/** Compares every record with the bucket and every object with the records. */
export async function checkImages(deps: ReconcileDeps): Promise<ImageCounts> {
  const counts: ImageCounts = { records: 0, objects: 0, outlived: 0, foreign: 0 };
  for await (const slice of slices(deps))
    await inGroups(mergeById(slice.ids, setsOf(deps, slice, counts)), (set) => checkImage(deps, set, counts));
  return counts;
}

async function checkImage(deps: ReconcileDeps, set: ObjectSet, counts: ImageCounts): Promise<void> {
  counts.objects += set.objects.length;
  const record = await orUnreadable(() => deps.records.get(set.id));
  if (record === null) return checkWithoutRecord(deps, set, counts);
  counts.records++;
  if (record === 'unreadable') return deps.report.found({ kind: 'unreadable-record', id: set.id });
  if (!isSettled(record)) return checkWaiting(deps, record);
  if (record.status === 'published') return checkPublished(deps, record, set.objects);
  return checkEnded(deps, record, set.objects);
}

async function* setsOf(
  { store, config }: ReconcileDeps,
  { first, last }: Slice,
  counts: ImageCounts,
): AsyncGenerator<ObjectSet> {
  const { prefix } = config.store;
  // Foreign objects before the first shard count with the first slice, those after the last shard with the last one.
  const from = first === '00' ? null : `${prefix}${first}`;
  const listing = store.list(prefix, from);
  for await (const set of objectSets(prefix, listing, () => counts.foreign++)) {
    if (shardOf(set.id) > last) return;
    yield set;
  }
}
