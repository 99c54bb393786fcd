import { createHash, randomBytes } from 'node:crypto';
import type { MetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openRecords } from '@pixdock/shared/state/images/records';
import { objectKey } from '@pixdock/shared/state/object-key';
import { toObjectMeta } from '@pixdock/shared/state/object-meta';
import { endRestore } from '@pixdock/shared/testing/end-restore';
import { changedRecord } from '@pixdock/shared/testing/record';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { onTestFinished } from 'vitest';
import { openServices } from '../services.js';
import { runOps, startLab } from './run-doctor.js';

const SIZE = { width: 8, height: 6, frames: 1 };

interface Found {
  kind: string;
  id?: string;
  key?: string;
  fixed: boolean;
}

/** Opens an installation without running services for one test: records in Redis, staging, and a bucket in a local OSS. */
export async function openInstallation(redisUrl: string) {
  const lab = await startLab();
  const dataDir = temporaryFolder();
  await openStaging(dataDir);
  const prefix = `{test-${randomBytes(4).toString('hex')}}`;
  const environment = { ...lab.settings, DATA_DIR: dataDir, REDIS_URL: redisUrl, REDIS_PREFIX: prefix };
  const services = await openServices({
    environment,
    output: { out: () => {}, err: () => {} },
    language: 'en',
  });
  onTestFinished(() => services[Symbol.asyncDispose]());
  const { store, epoch, redis } = services;
  // Until a restore has ended, `pixdock-ops` removes nothing.
  await endRestore(epoch);

  const contentOf = (key: string) => `the object ${key}`;
  const md5Of = (content: string) => createHash('md5').update(content).digest('hex');

  async function put(key: string, metadata: Record<string, string> = {}): Promise<void> {
    const content = contentOf(key);
    const headers = { contentType: 'image/webp', md5: md5Of(content), cacheControl: 'no-cache' };
    // A put never replaces an object.
    await store.remove(key);
    await store.put({ key, body: Buffer.from(content), ...headers, metadata });
  }

  /** Puts `main` and `thumb` of an image. @returns its published record, which is not in Redis */
  async function publish(record: ImageRecord, metadataKeys: MetadataKeys = services.config.metadataKeys) {
    const stored = (name: string) => {
      const key = objectKey('', record.id, name, 'webp');
      const content = contentOf(key);
      const facts = { bytes: content.length, etag: md5Of(content), mediaType: 'image/webp' };
      return { key, url: store.publicUrl(key), width: 8, height: 6, ...facts };
    };
    const variants = { main: stored('main'), thumb: stored('thumb') };
    await put(variants.thumb.key);
    await put(variants.main.key, toObjectMeta(metadataKeys, record, SIZE, variants, 'v'));
    return changedRecord(record, { status: 'published', url: variants.main.url, variants });
  }

  /** Runs `pixdock-ops reconcile`, which includes the newest changes. */
  async function reconcile(...args: string[]) {
    const { exit, out, err } = await runOps(['reconcile', '--before', '1ms', ...args], environment);
    const found: Found[] = out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return { exit, err, found };
  }

  return Object.assign(services, {
    /** The records in Redis, without what staging knows. */
    records: openRecords(redis, prefix, epoch),
    put,
    publish,
    reconcile,

    /** Runs `pixdock-ops`. */
    ops: (...args: string[]) => runOps(args, environment),

    /** Runs `pixdock-ops` with other settings. */
    opsWith: (changes: Record<string, string>, ...args: string[]) =>
      runOps(args, { ...environment, ...changes }),
  });
}
