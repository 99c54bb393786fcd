import type { ObjectStore } from '@pixdock/object-store/types';
import { possibleKeys } from '@pixdock/shared/state/object';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { WorkerConfig } from '../config.js';

export interface KeyConfig extends Pick<WorkerConfig, 'profiles'> {
  store: Pick<WorkerConfig['store'], 'prefix'>;
}

/**
 * Keys under which an image may have objects, `main` first: an object set without it is one that the sweep of orphans may
 * finish. Where Redis lost them, all that its profile can make.
 */
export function keysOf(record: ImageRecord, { profiles, store }: KeyConfig): string[] {
  const { main, ...others } = record.variants;
  const published = [main, ...Object.values(others)].flatMap((variant) =>
    variant === undefined ? [] : [variant.key],
  );
  const { keys, keysLost } = record.internal;
  const names = Object.keys(profiles.get(record.profile)?.variants ?? {}).filter((name) => name !== 'main');
  const lost = keysLost ? possibleKeys(store.prefix, record.id, ['main', ...names]) : [];
  return [...new Set([...published, ...keys, ...lost])];
}

/** Removes objects, and returns the keys of those that could not be. */
export async function removeObjects(
  store: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const results = await Promise.allSettled(keys.map((key) => store.remove(key, signal)));
  return keys.filter((_, i) => results[i]?.status === 'rejected');
}
