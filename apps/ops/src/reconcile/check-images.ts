import { isSettled } from '@pixdock/contract/status';
import type { ListedObject } from '@pixdock/object-store/types';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { listBelow, mergeSets, type ObjectSet, objectSets } from '../object-sets.js';
import { checkPublished } from './check-published.js';
import { checkWaiting } from './check-waiting.js';
import { checkWithoutRecord } from './check-without-record.js';
import { isOld, type ReconcileDeps } from './deps.js';
import { type Slice, shardOf, slices } from './scan.js';

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
  const record = await orUnreadable(() => deps.images.inRedis(set.id));
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
  const listings = config.store.prefixes.map((prefix) => {
    // Foreign objects before the first shard count with the first slice, those after the last shard with the last one.
    const from = first === '00' ? null : `${prefix}${first}`;
    return objectSets(prefix, listBelow(store, prefix, config.store.prefixes, from), () => counts.foreign++);
  });
  for await (const set of mergeSets(listings)) {
    if (shardOf(set.id) > last) return;
    yield set;
  }
}

/** Merges record ids and object sets, both sorted by id, into one set per image. */
async function* mergeById(ids: readonly string[], sets: AsyncIterable<ObjectSet>): AsyncGenerator<ObjectSet> {
  let next = 0;
  function* withoutObjects(isBefore: (id: string) => boolean) {
    for (let id = ids[next]; id !== undefined && isBefore(id); id = ids[++next]) yield { id, objects: [] };
  }
  for await (const set of sets) {
    yield* withoutObjects((id) => id < set.id);
    if (ids[next] === set.id) next++;
    yield set;
  }
  yield* withoutObjects(() => true);
}

/** Shorter than a new run needs to reach its put. */
const REMOVE_MS = 5000;

/** Finds objects of failed, canceled or deleted images. */
async function checkEnded(
  deps: ReconcileDeps,
  { id, finishedAt, status, run }: ImageRecord,
  objects: readonly ListedObject[],
): Promise<void> {
  const { store, images, report } = deps;
  if (!isOld(finishedAt, deps)) return;
  const isUnchanged = (record: ImageRecord | null) => record?.status === status && record.run === run;
  for (const { key, lastModified } of objects) {
    if (!isOld(lastModified, deps) || !isUnchanged(await images.inRedis(id))) continue;
    await report.found({
      kind: 'leftover-object',
      id,
      key,
      evidence: status,
      async fix() {
        if (!isUnchanged(await images.inRedis(id))) return false;
        await store.remove(key, AbortSignal.timeout(REMOVE_MS));
        // If another run has started, report the object as not fixed; the next reconcile checks it again.
        const changed = await images.change(id, (record) =>
          isUnchanged(record) ? without(record, key) : null,
        );
        return changed.outcome === 'changed';
      },
    });
  }
}

function without(record: ImageRecord, key: string): ImageRecord {
  const keys = record.internal.keys.filter((other) => other !== key);
  return { ...record, internal: { ...record.internal, keys } };
}
