import { mainKeys } from '@pixdock/shared/state/object-key';
import { fromObjectMeta } from '@pixdock/shared/state/object-meta';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { Services } from './services.js';

type Bucket = Pick<Services, 'store' | 'config'>;

/** Reads a published image from the metadata of its main object; null unless `key` is the main object of an image. */
export async function readMain({ store, config }: Bucket, key: string): Promise<ImageRecord | null> {
  const object = await store.head(key);
  if (object === null) return null;
  const { prefix } = config.store;
  const image = parse(() =>
    fromObjectMeta(object.metadata, object.lastModified, prefix, (variant) => store.publicUrl(variant)),
  );
  return image?.variants.main?.key === key ? image : null;
}

/** Finds a published image in the bucket. */
export async function findMain(bucket: Bucket, id: string): Promise<ImageRecord | null> {
  const mains = await Promise.all(
    mainKeys(bucket.config.store.prefix, id).map((key) => readMain(bucket, key)),
  );
  return mains.find((image) => image !== null) ?? null;
}

// Ignore objects from other writers that use the same metadata names.
function parse(read: () => ImageRecord | null): ImageRecord | null {
  try {
    return read();
  } catch {
    return null;
  }
}
