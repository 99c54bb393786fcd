import { setImmediate as nextTurn } from 'node:timers/promises';
import { PixdockError } from '@pixdock/contract/error';
import { IMAGE_ID } from '@pixdock/contract/ids';
import { detailOf } from '@pixdock/contract/messages/detail';
import { mayBeAbsent } from '@pixdock/object-store/judge-facts';
import { StorageFault } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { mainKeys } from '@pixdock/shared/state/object-key';
import { fromObjectMeta } from '@pixdock/shared/state/object-meta';
import type { Parts } from './deps.js';

/** Where an image may be: Redis, staging or the object. */
export type ImageParts = Parts<'images' | 'store' | 'config' | 'readLimits'>;

/**
 * Reads an owner's image from Redis, from staging while Redis is being restored, or from the object after RETENTION.
 * @param token the upload token of the request, which reads only the images that it submitted
 * @throws PixdockError not_found, also for another owner's image; rate_limited; overloaded if no key opens its metadata
 */
export async function readImage(
  parts: ImageParts,
  id: string,
  owner: string,
  token: { id: string } | null = null,
): Promise<ImageRecord> {
  if (!IMAGE_ID.test(id)) throw new PixdockError('not_found');
  return completeRead(parts, await parts.images.inRedis(id), id, owner, token);
}

/** Like `readImage`, after a look-up in Redis, which returned `record`. */
export async function completeRead(
  parts: ImageParts,
  record: ImageRecord | null,
  id: string,
  owner: string,
  token: { id: string } | null,
): Promise<ImageRecord> {
  // Look up another owner's image the same way, so that neither the response nor its timing reveals that it exists.
  const own = (found: ImageRecord | null) =>
    found?.owner === owner && (token === null || found.internal.uploadToken === token.id) ? found : null;
  const recorded = own(record);
  if (recorded !== null) return recorded;
  using _ = await parts.readLimits.unknownIds.acquire(owner);
  // Reads Redis again: a restore may have created the record since, and may have newer state than staging.
  const staged = own(await parts.images.get(id));
  if (staged !== null) return staged;
  parts.readLimits.lookInStorage(owner);
  const stored = own(await fromObject(parts, id));
  if (stored === null) throw new PixdockError('not_found');
  return stored;
}

async function fromObject(
  { images, store, config }: Parts<'images' | 'store' | 'config'>,
  id: string,
): Promise<ImageRecord | null> {
  const signal = AbortSignal.timeout(HEAD_TIMEOUT_MS);
  const keys = mainKeys(config.store.prefixes, id);
  const perTurn = Math.ceil(keys.length / HEAD_TURNS);
  const heads = keys.map(async (key, i) => {
    for (let at = perTurn; at <= i; at += perTurn) await nextTurn();
    const object = await store.head(key, signal).catch(orAbsent);
    return object === null ? null : { key, metadata: object.metadata };
  });
  const main = (await Promise.all(heads)).find((object) => object !== null) ?? null;
  if (main === null) return null;
  const reading = fromObjectMeta(config.metadataKeys, main, config.store.prefixes, (key) =>
    store.publicUrl(key),
  );
  // Not 404: the image exists, and perhaps for this caller.
  if (reading.outcome === 'sealed')
    throw new PixdockError('overloaded', detailOf('metadata-sealed'), {
      cause: new Error(`METADATA_KEY cannot open ${main.key}, which was sealed with key ${reading.keyId}`),
    });
  if (reading.outcome !== 'image') return null;
  return images.ofObject(reading.image);
}

const HEAD_TIMEOUT_MS = 1500;
/**
 * Turns of the event loop in which the HEADs for an id begin. ali-oss takes 1 to 3 ms of CPU time to send one: all in one turn would
 * delay other requests, and more turns, while each of them is long, this one.
 */
const HEAD_TURNS = 5;

function orAbsent(error: unknown): null {
  if (error instanceof StorageFault && mayBeAbsent(error.facts)) return null;
  throw new PixdockError('overloaded', undefined, { cause: error });
}
