import { type CallOptions, createOssClient, OssCallFailed, type Timeouts } from './ali-oss.js';
import type { ClientSettings } from './client-options.js';
import { openCredentialSource } from './credential-source.js';
import { classifyFault } from './faults.js';
import type { FileBody } from './file-body.js';
import { resultCode } from './fix-for.js';
import { RETRY_POLICY, type RetryPolicy, withRetries } from './retry.js';
import type { StoreSettings } from './settings.js';
import { type FaultFacts, type ListedObject, StorageFault, type StoredObject } from './types.js';
import { checkKey, etagOf, toListedPage, toStoredObject } from './wire-format.js';

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

export type BucketSettings = ClientSettings & Pick<StoreSettings, 'credentials'>;

/** Opens a bucket for `openObjectStore` or `openStagingBucket`, without sending anything: its client, and the operations of both. */
export function openBucket(settings: BucketSettings, options: StoreOptions) {
  const { timeouts = TIMEOUTS, retry = RETRY_POLICY, maxSockets = MAX_SOCKETS } = options;
  const { onNotice = () => {}, onCall = () => {} } = options;
  const credentials = openCredentialSource(settings.credentials);
  const client = createOssClient(settings, credentials, timeouts, maxSockets);
  let clockOffsetMs = 0;

  /**
   * Makes a call to OSS, and repeats it after transient faults and throttling. `onUnanswered` is called when a try ends without a
   * response.
   * @throws StorageFault, or the reason of the signal
   */
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
    client,
    run,

    /** Returns the ETag. @throws StorageFault FileAlreadyExists if the key is in use and the headers forbid overwriting */
    async put(
      key: string,
      body: Buffer | FileBody,
      headers: Readonly<Record<string, string>>,
      signal?: AbortSignal,
      onUnanswered?: () => void,
    ): Promise<string> {
      checkKey('put', key);
      const send: Call<string> = async (call) => {
        const received = await client.put(key, body, headers, call);
        if (received['x-oss-version-id'] !== undefined) onNotice({ notice: 'versioned-bucket', key });
        return etagOf('put', received);
      };
      return run('put', signal, send, onUnanswered);
    },

    async head(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
      try {
        checkKey('head', key);
        return await run('head', signal, async (call) => toStoredObject(await client.head(key, call)));
      } catch (thrown) {
        if (hasCode(thrown, 'NoSuchKey')) return null;
        throw thrown;
      }
    },

    async remove(key: string, signal?: AbortSignal): Promise<void> {
      try {
        checkKey('remove', key);
        await run('remove', signal, (call) => client.delete(key, call));
      } catch (thrown) {
        if (!hasCode(thrown, 'NoSuchKey')) throw thrown;
      }
    },

    async *list(
      prefix: string,
      after: string | null = null,
      signal?: AbortSignal,
    ): AsyncGenerator<ListedObject> {
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

    /** Waits for a signature, which sends nothing to OSS. @throws StorageFault, for example without credentials */
    async signed<T>(operation: Operation, signature: Promise<T>): Promise<T> {
      return signature.catch((error: unknown) => {
        if (!(error instanceof OssCallFailed)) throw error;
        throw new StorageFault(operation, classifyFault(operation, error.thrown, error.observed));
      });
    },

    stop: () => client.close(),
  };
}

/** Codes of a token that is no longer valid. `withRetries` tries once more, with the next one. */
const EXPIRED = new Set(['SecurityTokenExpired', 'InvalidSecurityToken']);

export type Call<T> = (options: CallOptions) => Promise<T>;

/** Whether a call failed with this code of OSS. */
export function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof StorageFault && thrown.facts.code === code;
}
