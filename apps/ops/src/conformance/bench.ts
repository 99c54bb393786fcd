import { hash, randomBytes } from 'node:crypto';
import { mayBeDone } from '@pixdock/object-store/judge-facts';
import { openObjectStore } from '@pixdock/object-store/open';
import { openProbe, type ProbeRequest } from '@pixdock/object-store/probe';
import type { StoreSettings } from '@pixdock/object-store/settings';
import { type NewObject, type ObjectStore, StorageFault } from '@pixdock/object-store/types';

/** What a check may use. Its keys begin with a random prefix. */
export type Bench = ReturnType<typeof openBench>;

interface BenchOptions {
  /** Whether the run made the bucket, and so may change its settings. */
  isOwnBucket: boolean;
  /** Gets the keys of the objects that cannot be removed. */
  onLeft: (keys: readonly string[]) => void;
  signal?: AbortSignal | undefined;
}

/** Opens a bench. At its end all objects below its prefix are removed. */
export function openBench(settings: StoreSettings, { isOwnBucket, onLeft, signal }: BenchOptions) {
  const scratch = `${settings.prefix}pixdock-conformance/${randomBytes(8).toString('hex')}/`;
  const keys = new Set<string>();
  const open = (over: StoreSettings) => openObjectStore(over, PATIENT);
  const store = open(settings);
  const probe = openProbe(settings);
  let count = 0;

  /** A store whose calls end when the signal aborts, and whose objects are removed at the end. */
  function watched(opened: ObjectStore): ObjectStore {
    return {
      ...opened,
      async put(object) {
        keys.add(object.key);
        try {
          return await opened.put(object, signal);
        } catch (thrown) {
          if (thrown instanceof StorageFault && !mayBeDone(thrown.facts)) keys.delete(object.key);
          throw thrown;
        }
      },
      head: (key) => opened.head(key, signal),
      remove: (key) => opened.remove(key, signal),
      list: (prefix, after) => opened.list(prefix, after, signal),
    };
  }

  return {
    store: watched(store),
    probe: {
      ...probe,
      send(request: ProbeRequest) {
        if (request.method === 'PUT' && request.key !== undefined) keys.add(request.key);
        return probe.send(request);
      },
    },
    settings,
    /** Prefix of every key: that of the settings and a random one. */
    scratch,
    isOwnBucket,
    signal,
    /** Milliseconds of single calls, measured by a check. */
    timings: { put: [] as number[], head: [] as number[] },
    /** Makes an object with new content; its key ends with this name. */
    object: (name: string, over: Partial<NewObject> = {}): NewObject => {
      const key = `${scratch}${name}`;
      const body = over.body ?? Buffer.from(`object ${++count} of pixdock-ops conformance`);
      const md5 = hash('md5', body);
      const headers = { contentType: 'image/jpeg', cacheControl: CACHE_CONTROL, metadata: {} };
      return { key, body, md5, ...headers, ...over };
    },
    /** Opens a store with other settings for the time of `use`. */
    withStore: async <T>(other: StoreSettings, use: (store: ObjectStore) => Promise<T>): Promise<T> => {
      const opened = open(other);
      try {
        return await use(watched(opened));
      } finally {
        opened.stop();
      }
    },
    async [Symbol.asyncDispose]() {
      for await (const key of keysBelow(store, scratch)) keys.add(key);
      const remaining: string[] = [];
      for (const key of keys) {
        // Without a connection each further try would take as long as the first.
        if (remaining.length >= MAX_FAILURES) remaining.push(key);
        else await store.remove(key).catch(() => remaining.push(key));
      }
      store.stop();
      probe.stop();
      if (remaining.length > 0) onLeft(remaining);
    },
  };
}

const CACHE_CONTROL = 'public, max-age=31536000, immutable';
const MAX_FAILURES = 3;
const PATIENT = {
  timeouts: { connectMs: 5000, responseMs: 30_000 },
  retry: { tries: 3, baseMs: 200, capMs: 2000 },
};

/** The services store objects whose keys the checks do not know. Those that a failing listing does not name are left out. */
async function* keysBelow(store: ObjectStore, prefix: string): AsyncGenerator<string> {
  try {
    for await (const { key } of store.list(prefix)) yield key;
  } catch {
    // For example without the right to list.
  }
}
