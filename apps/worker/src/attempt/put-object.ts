import { PixdockError } from '@pixdock/contract/error';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';
import { type Attempt, LostImage } from './start-attempt.js';

const MAX_TRIES = 3;

/**
 * Puts an object and verifies that exactly these bytes are stored, by comparing OSS's ETag with our MD5. An existing key
 * has either the same bytes, from a put whose response was lost, or those of an earlier run, which are replaced as long as
 * the attempt is current.
 * @throws LostImage, PixdockError storage_conflict, StorageFault
 */
export async function putVerified(
  store: ObjectStore,
  object: NewObject,
  attempt: Pick<Attempt, 'isCurrent'>,
  signal: AbortSignal,
  onUnanswered?: () => void,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const put = await store.put(object, signal, onUnanswered);
    if (put.outcome === 'stored') {
      if (put.etag === object.md5) return;
    } else {
      const found = await store.head(object.key, signal);
      if (found?.etag === object.md5 && found.bytes === object.body.length) return;
    }
    if (!(await attempt.isCurrent())) throw new LostImage();
    await store.remove(object.key, signal);
  }
  throw new PixdockError('storage_conflict');
}
