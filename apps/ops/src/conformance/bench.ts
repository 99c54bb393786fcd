import { createHash } from 'node:crypto';
import { openObjectStore } from '@pixdock/object-store/open';
import type { StoreSettings } from '@pixdock/object-store/settings';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';

/** What a check may use. Keys begin with the scratch prefix. */
export interface Bench {
  store: ObjectStore;
  settings: StoreSettings;
  /** Makes an object with new content; its key ends with this name. */
  object: (name: string, over?: Partial<NewObject>) => NewObject;
  /** Opens a store with other settings for the time of `use`. */
  withStore: <T>(settings: StoreSettings, use: (store: ObjectStore) => Promise<T>) => Promise<T>;
}

/** Opens a bench. At its end the objects are removed; `onLeft` gets the keys of those that cannot be. */
export function openBench(
  settings: StoreSettings,
  scratch: string,
  onLeft: (keys: readonly string[]) => void,
): Bench & AsyncDisposable {
  const keys = new Set<string>();
  const open = (over: StoreSettings) => openObjectStore(over, PATIENT);
  const store = open(settings);
  let count = 0;
  return {
    store,
    settings,
    object(name, over = {}) {
      const key = `${scratch}${name}`;
      keys.add(key);
      const body = over.body ?? Buffer.from(`object ${++count} of pixdock-ops conformance`);
      const md5 = createHash('md5').update(body).digest('hex');
      return {
        key,
        body,
        md5,
        contentType: 'image/jpeg',
        cacheControl: CACHE_CONTROL,
        metadata: {},
        ...over,
      };
    },
    async withStore(other, use) {
      const opened = open(other);
      try {
        return await use(opened);
      } finally {
        opened.stop();
      }
    },
    async [Symbol.asyncDispose]() {
      const remaining: string[] = [];
      for (const key of keys) await store.remove(key).catch(() => remaining.push(key));
      store.stop();
      if (remaining.length > 0) onLeft(remaining);
    },
  };
}

const CACHE_CONTROL = 'public, max-age=31536000, immutable';
const PATIENT = {
  timeouts: { connectMs: 5000, responseMs: 30_000 },
  retry: { tries: 3, baseMs: 200, capMs: 2000 },
};
