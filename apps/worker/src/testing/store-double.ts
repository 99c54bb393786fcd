import {
  type FaultKind,
  type NewObject,
  type ObjectStore,
  StorageFault,
  type StoredObject,
} from '@pixdock/object-store/types';

/** An object store in memory. */
export interface StoreDouble extends ObjectStore {
  objects: Map<string, NewObject>;
  /** Runs before each call; a test may make it throw. */
  before: (operation: 'put' | 'head' | 'remove', key: string, signal?: AbortSignal) => unknown;
}

export function openStoreDouble(): StoreDouble {
  const objects = new Map<string, NewObject>();
  const store: StoreDouble = {
    objects,
    before: () => {},
    async put(object, signal) {
      await store.before('put', object.key, signal);
      if (objects.has(object.key)) return { outcome: 'exists' };
      objects.set(object.key, object);
      return { outcome: 'stored', etag: object.md5 };
    },
    async head(key) {
      await store.before('head', key);
      const object = objects.get(key);
      return object === undefined ? null : asStored(object);
    },
    async remove(key, signal) {
      await store.before('remove', key);
      signal?.throwIfAborted();
      objects.delete(key);
    },
    async *list() {},
    publicUrl: (key) => `https://pictures.example/${key}`,
    sign: async (key) => ({ url: `https://pictures.example/${key}?signed`, expiresAt: new Date() }),
    async load() {},
    stop() {},
  };
  return store;
}

function asStored({ md5, body, contentType, metadata }: NewObject): StoredObject {
  return { etag: md5, bytes: body.length, contentType, metadata, lastModified: new Date() };
}

export function storageFault(
  kind: FaultKind,
  { code = kind, retryAfterMs = null }: { code?: string; retryAfterMs?: number | null } = {},
): StorageFault {
  const fix = { en: 'Repair it.', zh: '请修复。' };
  return new StorageFault('put', {
    kind,
    code,
    status: 503,
    requestId: null,
    ecCode: null,
    retryAfterMs,
    fix,
  });
}
