import type { ListedObject } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { isOld, type ReconcileDeps } from './deps.js';

/** So short that a retry cannot have come as far as a put meanwhile. */
const REMOVE_MS = 5000;

/** A failed, canceled or deleted image has no objects. */
export async function checkEnded(
  deps: ReconcileDeps,
  { id, finishedAt, status, run }: ImageRecord,
  objects: readonly ListedObject[],
): Promise<void> {
  const { store, records, report } = deps;
  if (!isOld(finishedAt, deps)) return;
  const isAsSeen = (record: ImageRecord | null) => record?.status === status && record.run === run;
  for (const { key, lastModified } of objects) {
    if (!isOld(lastModified, deps) || !isAsSeen(await records.get(id))) continue;
    await report.found({
      kind: 'leftover-object',
      id,
      key,
      seen: status,
      async mend() {
        if (!isAsSeen(await records.get(id))) return false;
        await store.remove(key, AbortSignal.timeout(REMOVE_MS));
        // Somebody may have begun another run: then this one says so, and the next look tells what became of it.
        const moved = await records.move(id, (record) => (isAsSeen(record) ? without(record, key) : null));
        return moved.outcome === 'moved';
      },
    });
  }
}

function without(record: ImageRecord, key: string): ImageRecord {
  const keys = record.internal.keys.filter((held) => held !== key);
  return { ...record, internal: { ...record.internal, keys } };
}
