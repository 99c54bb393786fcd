import { VISIBILITIES } from '@pixdock/contract/visibility';
import type { ObjectStore } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { possibleKeys, prefixOf } from '@pixdock/shared/state/object-key';
import type { KeyConfig } from '../deps.js';

const UNDO_MS = 15_000;

/**
 * Keys under which an image may have objects, `main` first, since objects without it count as orphans. When Redis lost the
 * keys, these are all keys that the profile permits. The variants of an item that has become another image are of that image.
 */
export function keysOf(record: ImageRecord, { profiles, store }: KeyConfig): string[] {
  const variants: ImageRecord['variants'] = record.reusedId === null ? record.variants : {};
  const { main, ...others } = variants;
  const published = [main, ...Object.values(others)].flatMap((variant) =>
    variant === undefined ? [] : [variant.key],
  );
  const { keys, keysLost } = record.internal;
  const profile = profiles.get(record.profile);
  const names = Object.keys(profile?.variants ?? {}).filter((name) => name !== 'main');
  const prefixes = VISIBILITIES.map((visibility) => prefixOf(store.prefix, { ...profile, visibility }));
  const lost = keysLost
    ? possibleKeys(
        store.prefixes.filter((prefix) => prefixes.includes(prefix)),
        record.id,
        ['main', ...names],
      )
    : [];
  return [...new Set([...published, ...keys, ...lost])];
}

/** Removes objects, and returns the keys of those that could not be removed. */
export async function removeObjects(
  store: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal = AbortSignal.timeout(UNDO_MS),
): Promise<string[]> {
  const results = await Promise.allSettled(keys.map((key) => store.remove(key, signal)));
  return keys.filter((_, i) => results[i]?.status === 'rejected');
}
