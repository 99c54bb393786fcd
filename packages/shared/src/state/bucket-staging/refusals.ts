import { rm, writeFile } from 'node:fs/promises';
import { asError } from '../../runtime/as-error.js';
import type { Logger } from '../../runtime/log.js';
import { makeFolder } from '../files/folder.js';
import { namesIn } from '../files/optional-file.js';
import type { BucketFiles } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';

/** A folder of the private disk with an empty file for each refusal that the bucket does not know yet. */
const FOLDER = 'refusals';

/** Takes away an object, also if its put timed out and lands later. While the bucket is away, `carryOutRefusals` does it later. */
export async function refuse(
  bucket: ObjectBucket,
  files: BucketFiles,
  key: string,
  log?: Logger,
): Promise<void> {
  try {
    await markRefused(bucket, key);
  } catch (error) {
    log?.warn({ err: asError(error), key }, 'what was refused is removed as soon as the bucket responds');
    await makeFolder(files.path(FOLDER));
    await writeFile(files.path(`${FOLDER}/${encodeURIComponent(key)}`), '');
  }
}

/** Refuses what could not be refused while the bucket was away, also before a restart. */
export async function carryOutRefusals(bucket: ObjectBucket, files: BucketFiles): Promise<void> {
  for (const name of await namesIn(files.path(FOLDER))) {
    await markRefused(bucket, decodeURIComponent(name));
    await rm(files.path(`${FOLDER}/${name}`));
  }
}

async function markRefused(bucket: ObjectBucket, key: string): Promise<void> {
  await bucket.create(`${key}~refused`, Buffer.alloc(0));
  await bucket.remove([key]);
}
