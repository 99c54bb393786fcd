import type { VariantResult } from '@pixdock/contract/image';
import type { ListedObject } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { findMain } from '../main-object.js';
import { isMainKey } from '../object-sets.js';
import { isOld, type ReconcileDeps } from './deps.js';

/** Compares the variants of a published image with its objects. An item that has become another image has none. */
export async function checkPublished(
  deps: ReconcileDeps,
  record: ImageRecord,
  objects: readonly ListedObject[],
): Promise<void> {
  if (!isOld(record.finishedAt, deps)) return;
  const variants = record.reusedId === null ? Object.values(record.variants) : [];
  for (const variant of variants)
    if (!objects.some((object) => isSame(object, variant))) await checkVariant(deps, record, variant);
  for (const object of objects) {
    if (variants.some(({ key }) => key === object.key)) continue;
    if (isMainKey(object.key))
      await deps.report.found({ kind: 'second-main', id: record.id, key: object.key });
    else await checkUnnamed(deps, record, object);
  }
}

/** Checks a variant that the listing lacks by its key, because it may be stored under an earlier prefix. */
export async function checkVariant(
  deps: ReconcileDeps,
  image: ImageRecord,
  variant: VariantResult,
): Promise<void> {
  const { store, images, report } = deps;
  const { key } = variant;
  const stored = await store.head(key);
  if (stored !== null && isSame(stored, variant)) return;
  // It may have been deleted since.
  const now = await images.inRedis(image.id);
  if (now !== null && (now.status !== 'published' || now.deleteRequestedAt !== null)) return;
  await report.found({ kind: stored === null ? 'object-missing' : 'object-differs', id: image.id, key });
}

const isSame = (object: Pick<ListedObject, 'etag' | 'bytes'>, { etag, bytes }: VariantResult) =>
  object.etag === etag && object.bytes === bytes;

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
  const record = await deps.images.inRedis(id);
  if (main.outcome !== 'image' || (record !== null && record.status !== 'published')) return true;
  const referenced = [...Object.values(main.image.variants), ...Object.values(record?.variants ?? {})];
  return referenced.some((variant) => variant.key === key);
}
