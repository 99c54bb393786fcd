import { isPrivateKey } from '@pixdock/contract/visibility';
import { loadLibrary } from './ali-oss.js';
import { hasCode, openBucket, type StoreOptions } from './bucket.js';
import { signForCdn } from './cdn-auth.js';
import { factsOf } from './faults.js';
import type { StoreSettings } from './settings.js';
import { type ObjectStore, StorageFault } from './types.js';
import { checkKey, checkMetadata, putHeaders } from './wire-format.js';

export { PUT_TIMEOUT_MS, type StoreNotice } from './bucket.js';

/**
 * Opens the public and the private bucket without sending anything: keys that begin with PRIVATE_PREFIX are in the private one.
 * Calls throw StorageFault, or the reason of their signal as soon as it aborts; an aborted put may still have stored the object.
 */
export function openObjectStore(settings: StoreSettings, options: StoreOptions = {}): ObjectStore {
  const { privateBucket, cdnAuth } = settings;
  const ofPublic = openStoreBucket(settings, options);
  const ofPrivate =
    privateBucket === null ? null : openStoreBucket({ ...settings, ...privateBucket }, options);
  function at(operation: StorageFault['operation'], key: string): StoreBucket {
    const bucket = isPrivateKey(key) ? ofPrivate : ofPublic;
    if (bucket === null)
      throw new StorageFault(operation, factsOf('configuration', 'NoPrivateBucket', { operation }));
    return bucket;
  }
  return {
    put: async (object, signal, onUnanswered) => at('put', object.key).put(object, signal, onUnanswered),
    head: async (key, signal) => at('head', key).head(key, signal),
    remove: async (key, signal) => at('remove', key).remove(key, signal),
    list: (prefix, after, signal) => at('list', prefix).list(prefix, after, signal),
    publicUrl: (key) => (isPrivateKey(key) ? null : urlAt(settings, key)),
    async sign(key, seconds) {
      const bucket = at('head', key);
      if (cdnAuth === null) return bucket.sign(key, seconds);
      return signForCdn(urlAt({ fileDomain: cdnAuth.domain }, key), cdnAuth, seconds);
    },
    async load() {
      await loadLibrary();
    },
    stop() {
      ofPublic.stop();
      ofPrivate?.stop();
    },
  };
}

type StoreBucket = Omit<ObjectStore, 'publicUrl' | 'load'>;

function openStoreBucket(settings: StoreSettings, options: StoreOptions): StoreBucket {
  const bucket = openBucket(settings, options);
  return {
    ...bucket,

    async put(object, signal, onUnanswered) {
      const { key, body, md5 } = object;
      try {
        checkMetadata(object.metadata);
        const etag = await bucket.put(key, body, putHeaders(object), signal, onUnanswered);
        return { outcome: 'stored', etag };
      } catch (thrown) {
        if (hasCode(thrown, 'FileAlreadyExists')) return { outcome: 'exists' };
        if (!hasCode(thrown, 'CallbackFailed')) throw thrown;
        options.onNotice?.({ notice: 'callback-failed', key });
        // OSS verified Content-MD5 and stored the object before it called back.
        return { outcome: 'stored', etag: md5 };
      }
    },

    async sign(key, seconds) {
      checkKey('head', key);
      const { query, expiresAt } = await bucket.signed('head', bucket.client.signUrl(key, seconds));
      return { url: `${urlAt(settings, key)}?${query}`, expiresAt };
    },
  };
}

const urlAt = ({ fileDomain }: Pick<StoreSettings, 'fileDomain'>, key: string) =>
  `${fileDomain}/${key.split('/').map(encodeURIComponent).join('/')}`;
