import { fromObjectMeta, mainKeys } from '@pixdock/shared/state/object';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { OpsParts } from './parts.js';

type Parts = Pick<OpsParts, 'store' | 'config'>;

/** The published image that the object at `key` tells of; null when there is none, or it is no `main` of that very key. */
export async function readMain({ store, config }: Parts, key: string): Promise<ImageRecord | null> {
  const object = await store.head(key);
  if (object === null) return null;
  const { prefix } = config.store;
  const image = parse(() =>
    fromObjectMeta(object.metadata, object.lastModified, prefix, (variant) => store.publicUrl(variant)),
  );
  return image?.variants.main?.key === key ? image : null;
}

/** The published image that the bucket tells of. */
export async function findMain(parts: Parts, id: string): Promise<ImageRecord | null> {
  const mains = await Promise.all(mainKeys(parts.config.store.prefix, id).map((key) => readMain(parts, key)));
  return mains.find((image) => image !== null) ?? null;
}

// Metadata with our names that somebody else wrote is no reason to stop.
function parse(read: () => ImageRecord | null): ImageRecord | null {
  try {
    return read();
  } catch {
    return null;
  }
}
