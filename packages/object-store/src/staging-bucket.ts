import { hash } from 'node:crypto';
import type { UploadForm } from '@pixdock/shared/state/uploads/direct-uploads';
import { DELETE_PAGE } from './ali-oss.js';
import { type BucketSettings, hasCode, openBucket, type StoreOptions } from './bucket.js';
import { publicBucketUrl } from './endpoint.js';
import type { FileBody } from './file-body.js';
import type { StoreSettings } from './settings.js';
import type { ByteRange, ListedObject } from './types.js';
import { checkAppended, checkFromOss, checkKey, notFromOss, rangeHeaders, toBytes } from './wire-format.js';

export type { FileBody } from './file-body.js';

/** The bucket, the prefix of every key in it, and the credentials. */
export type StagingBucketSettings = BucketSettings & Pick<StoreSettings, 'prefix'>;

/**
 * The private bucket that is the temporary storage of several hosts. Every call retries a few times and throws only StorageFault, or
 * the reason of its signal. Keys are those below the prefix of the settings.
 */
export interface StagingBucket {
  /** `oss://bucket/prefix`, for people. */
  place: string;
  /**
   * Puts an object whose key is new. `exists` if the key has other bytes. `stored` also if it has these bytes already, as after a try
   * whose response was lost: so callers that compete for a key must put different bytes.
   * @throws also the error of a FileBody that cannot be read
   */
  create(key: string, body: Buffer | FileBody, signal?: AbortSignal): Promise<'stored' | 'exists'>;
  /**
   * The bytes of an object, by default all; null if it does not exist. Fewer bytes if the object ends within the range; none if it
   * ends before. They are held in memory: read a large object in pieces.
   */
  read(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Buffer | null>;
  /** Null if it does not exist. */
  head(key: string, signal?: AbortSignal): Promise<Omit<ListedObject, 'key'> | null>;
  /** Objects with keys that begin with `prefix` and sort after `after`, ordered by key. */
  list(prefix: string, after?: string | null, signal?: AbortSignal): AsyncGenerator<ListedObject>;
  /** Succeeds for objects that do not exist. */
  remove(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Copies an object within the bucket to a key that is new. `exists` also if an earlier try, whose response was lost, made it. */
  copy(from: string, to: string, signal?: AbortSignal): Promise<'copied' | 'missing' | 'exists'>;
  /** Signs a form by which a client outside puts an object of 1 to `maxBytes` bytes under a key that is new. It sends nothing. */
  signForm(key: string, maxBytes: number): Promise<UploadForm>;
  /**
   * Appends to an object that `append` created; creates it at position 0. `elsewhere` if the object does not end at the position,
   * unless it has these bytes there from an earlier try of this call, whose response was lost.
   */
  append(
    key: string,
    position: number,
    bytes: Buffer,
    signal?: AbortSignal,
  ): Promise<'appended' | 'elsewhere'>;
  /** Closes the sockets. */
  stop(): void;
}

/** Opens the bucket without sending anything. It must not have versions, because OSS would then overwrite objects. */
export function openStagingBucket(
  settings: StagingBucketSettings,
  options: StoreOptions = {},
): StagingBucket {
  const { prefix } = settings;
  const bucket = openBucket(settings, options);
  const { client, run } = bucket;

  async function create(relative: string, body: Buffer | FileBody, signal?: AbortSignal) {
    const key = prefix + relative;
    const [md5, bytes] = Buffer.isBuffer(body) ? [hash('md5', body), body.length] : [body.md5, body.bytes];
    const headers = { ...headersOf(md5), 'x-oss-forbid-overwrite': 'true' };
    const etag = await bucket.put(key, body, headers, signal).catch(nullIf('FileAlreadyExists'));
    if (etag === md5) return 'stored';
    const present = await bucket.head(key, signal);
    if (present?.etag === md5 && present.bytes === bytes) return 'stored';
    if (etag === null) return 'exists';
    throw notFromOss('put');
  }

  async function read(relative: string, range: ByteRange | null = null, signal?: AbortSignal) {
    const key = prefix + relative;
    checkKey('read', key);
    // The header cannot express an empty range.
    if (range !== null && range.to <= range.from)
      return (await bucket.head(key, signal)) === null ? null : EMPTY;
    const headers = range === null ? {} : rangeHeaders(range);
    const expected = range === null ? 0 : Math.min(range.to - range.from, LARGEST_READ);
    try {
      return await run('read', signal, async (call) =>
        toBytes(await client.get(key, headers, expected, call), range),
      );
    } catch (thrown) {
      if (hasCode(thrown, 'InvalidRange')) return EMPTY;
      return nullIf('NoSuchKey')(thrown);
    }
  }

  async function remove(relative: readonly string[], signal?: AbortSignal) {
    const keys = relative.map((key) => prefix + key);
    for (const key of keys) checkKey('remove', key);
    for (let at = 0; at < keys.length; at += DELETE_PAGE) {
      const [first = '', ...others] = keys.slice(at, at + DELETE_PAGE);
      if (others.length === 0) await bucket.remove(first, signal);
      else
        await run('remove', signal, async (call) =>
          checkFromOss('remove', await client.deleteMany([first, ...others], call)),
        );
    }
  }

  async function copy(from: string, to: string, signal?: AbortSignal) {
    const [source, target] = [prefix + from, prefix + to];
    for (const key of [source, target]) checkKey('copy', key);
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    try {
      await run('copy', signal, async (call) =>
        checkFromOss('copy', await client.copy(source, target, headers, call)),
      );
      return 'copied';
    } catch (thrown) {
      if (hasCode(thrown, 'NoSuchKey')) return 'missing';
      if (hasCode(thrown, 'FileAlreadyExists')) return 'exists';
      throw thrown;
    }
  }

  async function append(relative: string, position: number, bytes: Buffer, signal?: AbortSignal) {
    const key = prefix + relative;
    checkKey('append', key);
    const headers = headersOf(hash('md5', bytes));
    const end = position + bytes.length;
    let tries = 0;
    try {
      await run('append', signal, async (call) => {
        tries++;
        checkAppended(await client.append(key, position, bytes, headers, call), end);
      });
      return 'appended';
    } catch (thrown) {
      if (!hasCode(thrown, 'PositionNotEqualToLength')) throw thrown;
      if (tries === 1) return 'elsewhere';
      const present = await read(relative, { from: position, to: end }, signal);
      return present?.equals(bytes) ? 'appended' : 'elsewhere';
    }
  }

  return {
    place: `oss://${settings.bucket}/${prefix}`.replace(/\/$/, ''),
    create,
    read,
    head: (key, signal) => bucket.head(prefix + key, signal),
    async *list(within, after = null, signal) {
      const from = after === null ? null : prefix + after;
      for await (const object of bucket.list(prefix + within, from, signal))
        yield { ...object, key: object.key.slice(prefix.length) };
    },
    remove,
    copy,
    async signForm(key, maxBytes) {
      checkKey('put', prefix + key);
      const form = bucket.client.signForm(prefix + key, maxBytes, FORM_SECONDS);
      return { url: `${publicBucketUrl(settings)}/`, ...(await bucket.signed('put', form)) };
    },
    append,
    stop: bucket.stop,
  };
}

const EMPTY = Buffer.alloc(0);

/** A phone sends 20 MiB at 25 KB/s in this time. */
const FORM_SECONDS = 15 * 60;

/** Bounds the time for a range that goes far beyond the end of its object. */
const LARGEST_READ = 64 * 1024 ** 2;

const headersOf = (md5: string) => ({
  'Content-Type': 'application/octet-stream',
  'Content-MD5': Buffer.from(md5, 'hex').toString('base64'),
});

/** Handles a failed call: null if it failed with this code of OSS. */
const nullIf = (code: string) => (thrown: unknown) => {
  if (hasCode(thrown, code)) return null;
  throw thrown;
};
