import type { ObjectStore } from '@pixdock/object-store/types';

/** Removes objects, and returns the keys of those that could not be. */
export async function removeObjects(
  store: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const results = await Promise.allSettled(keys.map((key) => store.remove(key, signal)));
  return keys.filter((_, i) => results[i]?.status === 'rejected');
}
