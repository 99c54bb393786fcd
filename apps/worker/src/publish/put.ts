import { PixdockError } from '@pixdock/contract/error';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';

const MAX_TRIES = 3;

/** This run no longer holds the image; another one, or a deletion, does. */
export class LostImage extends Error {
  override readonly name = 'LostImage';
}

/**
 * Puts an object and makes sure that these very bytes are stored: OSS's ETag is compared with our MD5. A key that is taken
 * holds either our own bytes, from a put whose answer was lost, or an earlier run's leftover, which is replaced while
 * this run still holds the image.
 * @throws LostImage, PixdockError storage_conflict, StorageFault
 */
export async function putVerified(
  store: ObjectStore,
  object: NewObject,
  stillHeld: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const put = await store.put(object, signal);
    if (put.outcome === 'stored') {
      if (put.etag === object.md5) return;
    } else {
      const found = await store.head(object.key, signal);
      if (found?.etag === object.md5 && found.bytes === object.body.length) return;
    }
    if (!(await stillHeld())) throw new LostImage();
    await store.remove(object.key, signal);
  }
  throw new PixdockError('storage_conflict');
}
