import type { ListedObject } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { findMain } from '../main-object.js';
import { isOld, type ReconcileDeps } from './deps.js';

/** Finds objects of unfinished runs: neither the main object nor a record references them. */
export async function checkUnnamed(
  deps: ReconcileDeps,
  { id }: Pick<ImageRecord, 'id'>,
  { key, lastModified }: ListedObject,
): Promise<void> {
  const { store, report } = deps;
  if (!isOld(lastModified, deps) || (await isReferenced(deps, id, key))) return;
  await report.found({
    kind: 'unnamed-variant',
    id,
    key,
    async fix() {
      if (await isReferenced(deps, id, key)) return false;
      await store.remove(key);
      return true;
    },
  });
}

/** Whether the main object or the record references the object; true if this is unknown. */
async function isReferenced(deps: ReconcileDeps, id: string, key: string): Promise<boolean> {
  const main = await findMain(deps, id);
  const record = await deps.records.get(id);
  if (main.outcome !== 'image' || (record !== null && record.status !== 'published')) return true;
  const referenced = [...Object.values(main.image.variants), ...Object.values(record?.variants ?? {})];
  return referenced.some((variant) => variant.key === key);
}
