import { isPrivateKey } from '@pixdock/contract/visibility';
import { type CallOptions, createOssClient, loadLibrary, OssCallFailed, type Timeouts } from './ali-oss.js';
import { signForCdn } from './cdn-auth.js';
import { openCredentialSource } from './credential-source.js';
import { classifyFault, factsOf } from './faults.js';
import { resultCode } from './fix-for.js';
import { RETRY_POLICY, type RetryPolicy, withRetries } from './retry.js';
import type { StoreSettings } from './settings.js';
import { type FaultFacts, type ObjectStore, StorageFault } from './types.js';
import { checkKey, checkMetadata, etagOf, putHeaders, toListedPage, toStoredObject } from './wire-format.js';

/** Events during calls that still succeed. */
export type StoreNotice =
  | { notice: 'retry'; operation: Operation; attempt: number; delayMs: number; facts: FaultFacts }
  /** The clock of this machine is off by `offsetMs`; requests are now signed with the time of OSS. */
  | { notice: 'clock-corrected'; offsetMs: number }
  /** The object is stored, but the upload callback of the bucket failed. */
  | { notice: 'callback-failed'; key: string }
  /** The bucket has versioning: OSS may ignore forbid-overwrite, and a delete keeps the old version. */
  | { notice: 'versioned-bucket'; key: string };

/** A request to OSS that has ended. `code` is one of a bounded set, see `resultCode`. */
export interface OssCall {
  operation: Operation;
  code: string;
  seconds: number;
}

export interface StoreOptions {
  timeouts?: Timeouts;
  retry?: RetryPolicy;
  /** Requests at a time. Others wait for a socket, as part of the time to connect. */
  maxSockets?: number;
  onNotice?: (notice: StoreNotice) => void;
  /** Called after each request, retries included; not for those that the caller's signal ended. */
  onCall?: (call: OssCall) => void;
}

type Operation = StorageFault['operation'];

const TIMEOUTS: Timeouts = { connectMs: 10_000, responseMs: 30_000 };
/** How long the put of an object takes at most, without the time for its bytes. */
export const PUT_TIMEOUT_MS = TIMEOUTS.connectMs + TIMEOUTS.responseMs;
const MAX_SOCKETS = 64;

/**
 * Opens the public and the private bucket without sending anything: keys that begin with PRIVATE_PREFIX are in the private one.
 * Calls throw StorageFault, or the reason of their signal as soon as it aborts; an aborted put may still have stored the object.
 */
export function openObjectStore(settings: StoreSettings, options: StoreOptions = {}): ObjectStore {
  const { privateBucket, cdnAuth } = settings;
  const ofPublic = openBucket(settings, options);
  const ofPrivate = privateBucket === null ? null : openBucket({ ...settings, ...privateBucket }, options);
  function at(operation: Operation, key: string): Bucket {
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

type Bucket = Omit<ObjectStore, 'publicUrl' | 'load'>;

function openBucket(settings: StoreSettings, options: StoreOptions): Bucket {
  const { timeouts = TIMEOUTS, retry = RETRY_POLICY, maxSockets = MAX_SOCKETS } = options;
  const { onNotice = () => {}, onCall = () => {} } = options;
  const credentials = openCredentialSource(settings.credentials);
  const client = createOssClient(settings, credentials, timeouts, maxSockets);
  let clockOffsetMs = 0;

  function run<T>(
    operation: Operation,
    signal: AbortSignal | undefined,
    call: Call<T>,
    onUnanswered = () => {},
  ): Promise<T> {
    const attempt = async () => {
      const began = performance.now();
      const report = (code: string) =>
        onCall({ operation, code, seconds: (performance.now() - began) / 1000 });
      try {
        const result = await call({ clockOffsetMs, signal });
        report('OK');
        return result;
      } catch (thrown) {
        if (thrown instanceof OssCallFailed && thrown.observed.status === null) onUnanswered();
        signal?.throwIfAborted();
        if (!(thrown instanceof OssCallFailed)) throw thrown;
        const facts = classifyFault(operation, thrown.thrown, thrown.observed);
        report(resultCode(facts));
        if (facts.code === 'RequestTimeTooSkewed') correctClock(thrown.observed.headers.date);
        if (EXPIRED.has(facts.code)) credentials.forget();
        throw new StorageFault(operation, facts);
      }
    };
    return withRetries(attempt, retry, signal, ({ facts }, attempts, delayMs) =>
      onNotice({ notice: 'retry', operation, attempt: attempts, delayMs, facts }),
    );
  }

  function correctClock(date = ''): void {
    const offsetMs = Date.parse(date) - Date.now();
    if (Number.isNaN(offsetMs)) return;
    clockOffsetMs = offsetMs;
    onNotice({ notice: 'clock-corrected', offsetMs });
  }

  return {
    async put(object, signal, onUnanswered) {
      const { key, body, md5 } = object;
      try {
        checkKey('put', key);
        checkMetadata(object.metadata);
        const send: Call<string> = async (call) => {
          const headers = await client.put(key, body, putHeaders(object), call);
          if (headers['x-oss-version-id'] !== undefined) onNotice({ notice: 'versioned-bucket', key });
          return etagOf('put', headers);
        };
        const etag = await run('put', signal, send, onUnanswered);
        return { outcome: 'stored', etag };
      } catch (thrown) {
        if (hasCode(thrown, 'FileAlreadyExists')) return { outcome: 'exists' };
        if (!hasCode(thrown, 'CallbackFailed')) throw thrown;
        onNotice({ notice: 'callback-failed', key });
        // OSS verified Content-MD5 and stored the object before it called back.
        return { outcome: 'stored', etag: md5 };
      }
    },

    async head(key, signal) {
      try {
        checkKey('head', key);
        return await run('head', signal, async (call) => toStoredObject(await client.head(key, call)));
      } catch (thrown) {
        if (hasCode(thrown, 'NoSuchKey')) return null;
        throw thrown;
      }
    },

    async remove(key, signal) {
      try {
        checkKey('remove', key);
        await run('remove', signal, (call) => client.delete(key, call));
      } catch (thrown) {
        if (!hasCode(thrown, 'NoSuchKey')) throw thrown;
      }
    },

    async *list(prefix, after = null, signal) {
      for (let from = after; ; ) {
        const page = await run('list', signal, async (call) =>
          toListedPage(await client.list({ prefix, after: from }, call)),
        );
        yield* page.objects;
        const last = page.objects.at(-1);
        if (last === undefined || !page.isTruncated) return;
        from = last.key;
      }
    },

    async sign(key, seconds) {
      checkKey('head', key);
      const { query, expiresAt } = await client.signUrl(key, seconds).catch((error) => {
        if (!(error instanceof OssCallFailed)) throw error;
        throw new StorageFault('head', classifyFault('head', error.thrown, error.observed));
      });
      return { url: `${urlAt(settings, key)}?${query}`, expiresAt };
    },

    stop: () => client.close(),
  };
}

const urlAt = ({ fileDomain }: Pick<StoreSettings, 'fileDomain'>, key: string) =>
  `${fileDomain}/${key.split('/').map(encodeURIComponent).join('/')}`;

/** Codes of a token that is no longer valid. `withRetries` tries once more, with the next one. */
const EXPIRED = new Set(['SecurityTokenExpired', 'InvalidSecurityToken']);

type Call<T> = (options: CallOptions) => Promise<T>;

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof StorageFault && thrown.facts.code === code;
}
