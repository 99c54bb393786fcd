import { LRUCache } from 'lru-cache';

/** A value and its approximate size in memory. */
interface Sized<T> {
  value: T;
  bytes: number;
}

/** Caches the last used values, `maxBytes` in total. Concurrent calls for a value share one load. */
export function openByteCache<T extends object>(maxBytes: number, { loadsAtOnce }: { loadsAtOnce: number }) {
  const kept = new LRUCache<string, Sized<T>>({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => bytes });
  const loading = new Map<string, Promise<T>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function loadInTurn(key: string, load: () => Promise<Sized<T>>): Promise<T> {
    if (running >= loadsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      const loaded = await load();
      // The value may have been deleted during the load.
      if (loading.has(key)) kept.set(key, { ...loaded, bytes: Math.max(1, Math.ceil(loaded.bytes)) });
      return loaded.value;
    } finally {
      loading.delete(key);
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  return {
    /** Returns the cached value, or calls `load`. A failure is not cached. */
    get(key: string, load: () => Promise<Sized<T>>): Promise<T> {
      const found = kept.get(key);
      if (found !== undefined) return Promise.resolve(found.value);
      const begun = loading.get(key) ?? loadInTurn(key, load);
      loading.set(key, begun);
      return begun;
    },
    delete(key: string): void {
      kept.delete(key);
      loading.delete(key);
    },
    bytes: () => kept.calculatedSize,
  };
}

export type ByteCache<T extends object> = ReturnType<typeof openByteCache<T>>;
