import { randomBytes, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OssError } from '../http/errors.js';
import { createKeyIndex, type KeyIndex } from './key-index.js';
import { createKeyLock } from './key-lock.js';
import { bucketName, createLayout, hashOf } from './layout.js';
import { ifMissing, type ObjectRecord, readRecord, scanKeys } from './object-record.js';
import { type Received, receive } from './receive.js';

/** `check` runs before the object becomes visible and may throw to reject it. */
export type PutOptions = {
  headers: Record<string, string>;
  forbidOverwrite: boolean;
  maxBytes: number;
  now: number;
  check(received: Received): void;
};

/** An object and its open body; the caller closes `file`. */
export type OpenObject = { record: ObjectRecord; file: FileHandle };

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Buckets and objects under `dataDir`, for one process at a time. */
export async function openStore(dataDir: string) {
  const { temporary, bucketDir, sidecarOf, bodyOf } = createLayout(dataDir);
  const withLock = createKeyLock();
  const indexes = new Map<string, KeyIndex>();
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });

  return {
    async createBucket(bucket: string): Promise<void> {
      await mkdir(bucketDir(bucket), { recursive: true });
    },

    /** Deletes an empty bucket. */
    async deleteBucket(bucket: string): Promise<void> {
      await rm(bucketDir(bucket), { recursive: true });
      indexes.delete(bucket);
    },

    /** Creation time of a bucket, or `undefined` if it does not exist. */
    async bucketCreated(bucket: string): Promise<Date | undefined> {
      if (!bucketName.test(bucket)) return undefined;
      return (await stat(bucketDir(bucket)).catch(ifMissing))?.birthtime;
    },

    /** @throws OssError FileAlreadyExists when the key exists and `forbidOverwrite` is set */
    async put(
      bucket: string,
      key: string,
      body: AsyncIterable<Buffer>,
      options: PutOptions,
    ): Promise<ObjectRecord> {
      const upload = join(temporary, randomUUID());
      const received = await receive(body, upload, options.maxBytes);
      try {
        options.check(received);
        return await withLock(sidecarOf(bucket, key), () => commit(bucket, key, upload, received, options));
      } finally {
        await rm(upload, { force: true });
      }
    },

    async read(bucket: string, key: string): Promise<ObjectRecord | undefined> {
      return readRecord(sidecarOf(bucket, key));
    },

    async open(bucket: string, key: string): Promise<OpenObject | undefined> {
      return withLock(sidecarOf(bucket, key), async () => {
        const record = await readRecord(sidecarOf(bucket, key));
        return record && { record, file: await open(bodyOf(record)) };
      });
    },

    async delete(bucket: string, key: string): Promise<void> {
      await withLock(sidecarOf(bucket, key), async () => {
        const record = await readRecord(sidecarOf(bucket, key));
        if (!record) return;
        await rm(sidecarOf(bucket, key));
        await rm(bodyOf(record), { force: true });
        await indexOf(bucket).remove(key);
      });
    },

    /** All keys of a bucket, ordered by their UTF-8 bytes. */
    async keys(bucket: string): Promise<readonly string[]> {
      return indexOf(bucket).sorted();
    },
  };

  /** The rename of the sidecar makes the object, or its new content, visible. */
  async function commit(
    bucket: string,
    key: string,
    upload: string,
    received: Received,
    options: PutOptions,
  ): Promise<ObjectRecord> {
    const sidecar = sidecarOf(bucket, key);
    const previous = await readRecord(sidecar);
    if (previous && options.forbidOverwrite) {
      const message = 'The object you specified already exists and can not be overwritten.';
      throw new OssError('FileAlreadyExists', message, '0026-00000002');
    }
    const file = `${hashOf(bucket, key)}.${randomBytes(6).toString('hex')}`;
    const lastModified = new Date(options.now).toISOString();
    const record = { bucket, key, file, ...received, lastModified, headers: options.headers };
    await mkdir(dirname(sidecar), { recursive: true });
    await rename(upload, bodyOf(record));
    await writeFile(upload, JSON.stringify(record), { flush: true });
    await rename(upload, sidecar);
    if (previous) await rm(bodyOf(previous), { force: true });
    await indexOf(bucket).add(key);
    return record;
  }

  function indexOf(bucket: string): KeyIndex {
    const index = indexes.get(bucket) ?? createKeyIndex(() => scanKeys(bucketDir(bucket)));
    indexes.set(bucket, index);
    return index;
  }
}
