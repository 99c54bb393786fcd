import { randomBytes, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createCrc64 } from './crc64.js';
import { createKeyIndex, type KeyIndex } from './key-index.js';
import { createKeyLock } from './key-lock.js';
import { bucketName, createLayout, hashOf } from './layout.js';
import { ifMissing, type ObjectRecord, readRecord, scanKeys } from './object-record.js';
import { type Received, receive } from './receive.js';

type Upload = {
  body: AsyncIterable<Buffer>;
  headers: Record<string, string>;
  maxBytes: number;
  now: number;
  /** Extends an object, or makes one that can be extended. */
  appends?: boolean;
  /** Decides about the bytes before they become visible, alone on their key. Throws to reject them. */
  check(received: Received, previous: ObjectRecord | undefined): void;
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

    async upload(bucket: string, key: string, upload: Upload): Promise<ObjectRecord> {
      const path = join(temporary, randomUUID());
      const received = await receive(upload.body, path, upload.maxBytes);
      try {
        return await withLock(sidecarOf(bucket, key), async () => {
          const previous = await readRecord(sidecarOf(bucket, key));
          upload.check(received, previous);
          return commit(bucket, key, path, received, upload, previous);
        });
      } finally {
        await rm(path, { force: true });
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
    path: string,
    { md5, ...received }: Received,
    { headers, now, appends }: Upload,
    previous: ObjectRecord | undefined,
  ): Promise<ObjectRecord> {
    const lastModified = new Date(now).toISOString();
    let record: ObjectRecord;
    if (appends && previous?.size) {
      const crc64 = await appendFile(path, bodyOf(previous), previous);
      record = { ...previous, size: previous.size + received.size, crc64, lastModified };
    } else {
      const file = `${hashOf(bucket, key)}.${randomBytes(6).toString('hex')}`;
      const about = appends ? { headers: previous?.headers ?? headers } : { headers, md5 };
      record = { bucket, key, file, ...received, ...about, lastModified };
      await mkdir(dirname(bodyOf(record)), { recursive: true });
      await rename(path, bodyOf(record));
    }
    await writeFile(path, JSON.stringify(record), { flush: true });
    await rename(path, sidecarOf(bucket, key));
    if (previous && previous.file !== record.file) await rm(bodyOf(previous), { force: true });
    await indexOf(bucket).add(key);
    return record;
  }

  function indexOf(bucket: string): KeyIndex {
    const index = indexes.get(bucket) ?? createKeyIndex(() => scanKeys(bucketDir(bucket)));
    indexes.set(bucket, index);
    return index;
  }
}

/** Copies a file to the end of an object's body. @returns the CRC of the whole */
async function appendFile(path: string, body: string, { size, crc64 }: ObjectRecord): Promise<string> {
  const crc = createCrc64(crc64);
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      crc.update(chunk);
      yield chunk;
    }
  };
  const end = createWriteStream(body, { flags: 'r+', start: size, flush: true });
  await pipeline(createReadStream(path), counted, end);
  return crc.digest();
}
