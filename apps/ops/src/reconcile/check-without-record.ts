import type { ListedObject } from '@pixdock/object-store/types';
import { findMain, readMain } from '../main-object.js';
import { type ObjectSet, parseKey } from '../object-sets.js';
import { checkVariant } from './check-published.js';
import { checkUnnamed } from './check-unnamed.js';
import { isOld, type ReconcileDeps } from './deps.js';

interface Counts {
  outlived: number;
  foreign: number;
}

/** Objects without a record: with a `main`, a published image that outlived its record; else what nobody will finish. */
export async function checkWithoutRecord(
  deps: ReconcileDeps,
  { id, objects }: ObjectSet,
  counts: Counts,
): Promise<void> {
  // Its record comes back from staging.
  if (objects.length === 0 || (await comesBack(deps, id))) return;
  const [mains, others] = split(deps, objects);
  if (mains.length === 0) {
    for (const object of others) await checkOrphan(deps, id, object);
    return;
  }
  const found = await Promise.all(mains.map(({ key }) => readMain(deps, key)));
  const images = found.filter((image) => image !== null);
  if (images.length === 0) {
    counts.foreign += objects.length;
    return;
  }
  counts.outlived++;
  const named = images.flatMap((image) => Object.values(image.variants));
  for (const image of images)
    for (const variant of Object.values(image.variants))
      if (!objects.some(({ key }) => key === variant.key)) await checkVariant(deps, image, variant);
  for (const object of others)
    if (!named.some(({ key }) => key === object.key)) await checkUnnamed(deps, { id }, object);
}

function split(
  { config }: ReconcileDeps,
  objects: readonly ListedObject[],
): [ListedObject[], ListedObject[]] {
  const isMain = ({ key }: ListedObject) => parseKey(config.store.prefix, key)?.variant === 'main';
  return [objects.filter(isMain), objects.filter((object) => !isMain(object))];
}

async function checkOrphan(
  deps: ReconcileDeps,
  id: string,
  { key, lastModified }: ListedObject,
): Promise<void> {
  const { store, report, isRedisKnown } = deps;
  if (!isOld(lastModified, deps) || !(await isOrphan(deps, id))) return;
  const mend = async () => {
    if (!(await isOrphan(deps, id))) return false;
    await store.remove(key);
    return true;
  };
  // An emptied Redis, or another one, does not know what is on its way.
  await report.found({ kind: 'orphan-object', id, key, ...(isRedisKnown ? { mend } : {}) });
}

async function isOrphan(deps: ReconcileDeps, id: string): Promise<boolean> {
  const { records } = deps;
  // `main` last: nothing but a run that has a record puts it.
  return (
    (await records.get(id)) === null && !(await comesBack(deps, id)) && (await findMain(deps, id)) === null
  );
}

/** Whether staging has an account of the image; an item of a batch that was deleted never has a record again. */
async function comesBack({ staging }: ReconcileDeps, id: string): Promise<boolean> {
  const entry = await staging.entry(id);
  if (entry?.record.status === 'deleted') return (await staging.account(id)) !== null;
  return entry !== null;
}
