import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ObjectRecord } from './object-record.js';

export type Layout = ReturnType<typeof createLayout>;

/**
 * Paths under `dataDir`:
 *
 *     tmp/…                               running uploads
 *     buckets/{bucket}/{ab}/{hash}.json   sidecar of an object; `hash` is the SHA-256 of bucket and key
 *     buckets/{bucket}/{ab}/{hash}.{n}    its body; the sidecar contains the file name
 */
export function createLayout(dataDir: string) {
  const bucketDir = (bucket: string) => join(dataDir, 'buckets', bucket);
  const sidecarOf = (bucket: string, key: string) => {
    const hash = hashOf(bucket, key);
    return join(bucketDir(bucket), hash.slice(0, 2), `${hash}.json`);
  };
  return {
    temporary: join(dataDir, 'tmp'),
    bucketDir,
    sidecarOf,
    bodyOf: ({ bucket, key, file }: Pick<ObjectRecord, 'bucket' | 'key' | 'file'>) =>
      join(dirname(sidecarOf(bucket, key)), file),
  };
}

/** 3–63 of a-z, 0-9 and inner hyphens, so every bucket name is a safe directory name. */
export const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

export function hashOf(bucket: string, key: string): string {
  return createHash('sha256').update(`${bucket}\n${key}`).digest('hex');
}
