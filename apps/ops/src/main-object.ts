import { mainKeys } from '@pixdock/shared/state/object-key';
import { fromObjectMeta, type ObjectReading } from '@pixdock/shared/state/object-meta';
import type { Services } from './services.js';

type Bucket = Pick<Services, 'store'> & {
  config: Pick<Services['config'], 'metadataKeys'> & {
    store: Pick<Services['config']['store'], 'prefixes'>;
  };
};

/** Reads a published image from the metadata of its main object. An object that does not exist is foreign. */
export async function readMain({ store, config }: Bucket, key: string): Promise<ObjectReading> {
  const object = await store.head(key);
  if (object === null) return { outcome: 'foreign' };
  const main = { key, metadata: object.metadata };
  return fromObjectMeta(config.metadataKeys, main, config.store.prefixes, (variant) =>
    store.publicUrl(variant),
  );
}

/** Finds a published image in the bucket. */
export async function findMain(bucket: Bucket, id: string): Promise<ObjectReading> {
  const keys = mainKeys(bucket.config.store.prefixes, id);
  const mains = await Promise.all(keys.map((key) => readMain(bucket, key)));
  const found = (wanted: ObjectReading['outcome']) => mains.find(({ outcome }) => outcome === wanted);
  return found('image') ?? found('sealed') ?? { outcome: 'foreign' };
}
