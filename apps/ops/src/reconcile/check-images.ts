import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { isSettled } from '@pixdock/shared/state/records/view';
import { type ObjectSet, objectSets } from '../object-sets.js';
import { checkEnded } from './check-ended.js';
import { checkPublished } from './check-published.js';
import { checkWaiting } from './check-waiting.js';
import { checkWithoutRecord } from './check-without-record.js';
import type { ReconcileDeps } from './deps.js';
import { pair } from './pair.js';
import { type Slice, shardOf, slices } from './slices.js';

export interface Looked {
  records: number;
  objects: number;
  /** Published sets whose record has gone, as RETENTION has it. */
  outlived: number;
  /** Objects below the prefix that are none of ours. */
  foreign: number;
}

/** Every record against the bucket, and everything in the bucket against the records. */
export async function checkImages(deps: ReconcileDeps): Promise<Looked> {
  const looked: Looked = { records: 0, objects: 0, outlived: 0, foreign: 0 };
  for await (const slice of slices(deps))
    await inGroups(pair(slice.ids, setsOf(deps, slice, looked)), (set) => checkImage(deps, set, looked));
  return looked;
}

async function checkImage(deps: ReconcileDeps, set: ObjectSet, looked: Looked): Promise<void> {
  looked.objects += set.objects.length;
  const record = await orUnreadable(() => deps.records.get(set.id));
  if (record === null) return checkWithoutRecord(deps, set, looked);
  looked.records++;
  if (record === 'unreadable') return deps.report.found({ kind: 'unreadable-record', id: set.id });
  if (!isSettled(record)) return checkWaiting(deps, record);
  if (record.status === 'published') return checkPublished(deps, record, set.objects);
  return checkEnded(deps, record, set.objects);
}

async function* setsOf(
  { store, config }: ReconcileDeps,
  { first, last }: Slice,
  looked: Looked,
): AsyncGenerator<ObjectSet> {
  const { prefix } = config.store;
  // What others have before our first shard counts with it, what they have behind our last with that.
  const from = first === '00' ? null : `${prefix}${first}`;
  const listing = store.list(prefix, from);
  for await (const set of objectSets(prefix, listing, () => looked.foreign++)) {
    if (shardOf(set.id) > last) return;
    yield set;
  }
}
