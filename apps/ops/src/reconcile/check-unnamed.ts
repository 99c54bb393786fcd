import type { ListedObject } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { findMain } from '../main-object.js';
import { isOld, type ReconcileDeps } from './deps.js';

/** An object beside a `main` which neither that nor a record names is of a run that did not end. */
export async function checkUnnamed(
  deps: ReconcileDeps,
  { id }: Pick<ImageRecord, 'id'>,
  { key, lastModified }: ListedObject,
): Promise<void> {
  const { store, report } = deps;
  if (!isOld(lastModified, deps) || (await isNamed(deps, id, key))) return;
  await report.found({
    kind: 'unnamed-variant',
    id,
    key,
    async mend() {
      if (await isNamed(deps, id, key)) return false;
      await store.remove(key);
      return true;
    },
  });
}

/** Whether anything holds the object; also while nobody can tell. */
async function isNamed(deps: ReconcileDeps, id: string, key: string): Promise<boolean> {
  const main = await findMain(deps, id);
  const record = await deps.records.get(id);
  if (main === null || (record !== null && record.status !== 'published')) return true;
  const named = [...Object.values(main.variants), ...Object.values(record?.variants ?? {})];
  return named.some((variant) => variant.key === key);
}
