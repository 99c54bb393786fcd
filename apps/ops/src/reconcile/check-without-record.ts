import type { ListedObject } from '@pixdock/object-store/types';
import { isDeleted } from '@pixdock/shared/state/images/image-record';
import { findMain, readMain } from '../main-object.js';
import { isMainKey, type ObjectSet } from '../object-sets.js';
import { checkUnnamed, checkVariant } from './check-published.js';
import { isOld, type ReconcileDeps } from './deps.js';

interface Counts {
  outlived: number;
  foreign: number;
}

/** Checks objects without a record: with a main object, the record has expired; without one, the run never ended. */
export async function checkWithoutRecord(
  deps: ReconcileDeps,
  { id, objects }: ObjectSet,
  counts: Counts,
): Promise<void> {
  // The API restores its record from staging.
  if (objects.length === 0 || (await isStaged(deps, id))) return;
  const mains = objects.filter(({ key }) => isMainKey(key));
  const others = objects.filter(({ key }) => !isMainKey(key));
  if (mains.length === 0) {
    for (const object of others) await checkOrphan(deps, id, object);
    return;
  }
  const found = await Promise.all(mains.map(({ key }) => readMain(deps, key)));
  const sealed = found.find((reading) => reading.outcome === 'sealed');
  if (sealed !== undefined) return deps.report.found({ kind: 'sealed-metadata', id, evidence: sealed.keyId });
  const images = found.flatMap((reading) => (reading.outcome === 'image' ? [reading.image] : []));
  if (images.length === 0) {
    counts.foreign += objects.length;
    return;
  }
  counts.outlived++;
  const referenced = images.flatMap((image) => Object.values(image.variants));
  for (const image of images)
    for (const variant of Object.values(image.variants))
      if (!objects.some(({ key }) => key === variant.key)) await checkVariant(deps, image, variant);
  for (const object of others)
    if (!referenced.some(({ key }) => key === object.key)) await checkUnnamed(deps, { id }, object);
}

async function checkOrphan(
  deps: ReconcileDeps,
  id: string,
  { key, lastModified }: ListedObject,
): Promise<void> {
  const { store, report, isRedisKnown } = deps;
  if (!isOld(lastModified, deps) || !(await isOrphan(deps, id))) return;
  const fix = async () => {
    if (!(await isOrphan(deps, id))) return false;
    await store.remove(key);
    return true;
  };
  // An emptied or replaced Redis does not contain the running images.
  await report.found({ kind: 'orphan-object', id, key, ...(isRedisKnown ? { fix } : {}) });
}

async function isOrphan(deps: ReconcileDeps, id: string): Promise<boolean> {
  const { images } = deps;
  // Check `main` last: only a run with a record puts it.
  return (
    (await images.inRedis(id)) === null &&
    !(await isStaged(deps, id)) &&
    (await findMain(deps, id)).outcome === 'foreign'
  );
}

/** Whether staging has the image. An item of a deleted batch never gets a record again. */
async function isStaged({ staging }: ReconcileDeps, id: string): Promise<boolean> {
  const entry = await staging.entry(id);
  if (entry !== null && isDeleted(entry.record)) return (await staging.ownEntry(id)) !== null;
  return entry !== null;
}
