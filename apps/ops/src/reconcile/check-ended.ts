import type { ListedObject } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { isOld, type ReconcileDeps } from './deps.js';

/** Shorter than a new run needs to reach its put. */
const REMOVE_MS = 5000;

/** Finds objects of failed, canceled or deleted images. */
export async function checkEnded(
  deps: ReconcileDeps,
  { id, finishedAt, status, run }: ImageRecord,
  objects: readonly ListedObject[],
): Promise<void> {
  const { store, records, report } = deps;
  if (!isOld(finishedAt, deps)) return;
  const isUnchanged = (record: ImageRecord | null) => record?.status === status && record.run === run;
  for (const { key, lastModified } of objects) {
    if (!isOld(lastModified, deps) || !isUnchanged(await records.get(id))) continue;
    await report.found({
      kind: 'leftover-object',
      id,
      key,
      evidence: status,
      async fix() {
        if (!isUnchanged(await records.get(id))) return false;
        await store.remove(key, AbortSignal.timeout(REMOVE_MS));
        // If another run has started, report the object as not fixed; the next reconcile checks it again.
        const changed = await records.transition(id, (record) =>
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
