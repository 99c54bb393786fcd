import { readFile, rm, writeFile } from 'node:fs/promises';
import { asError } from '../../runtime/as-error.js';
import type { Logger } from '../../runtime/log.js';
import { makeFolder } from '../files/folder.js';
import { namesIn } from '../files/optional-file.js';
import type { BucketFiles } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { REFUSED } from './versions.js';

/** The put of a request that is refused. */
export interface RefusedPut {
  key: string;
  /** Of its body, which no other put has. */
  md5: string;
}

/** A folder of the private disk with a file for each refusal that the bucket does not know yet. */
const FOLDER = 'refusals';

/**
 * Takes away an object, also if its put timed out and lands later. While the bucket is away, `carryOutRefusals` does it later.
 * @returns whether it is done
 */
export async function refuse(
  bucket: ObjectBucket,
  files: BucketFiles,
  put: RefusedPut,
  log?: Logger,
): Promise<boolean> {
  const { key, md5 } = put;
  try {
    await takeBack(bucket, put);
    return true;
  } catch (error) {
    log?.warn({ err: asError(error), key }, 'what was refused is removed as soon as the bucket responds');
    await makeFolder(files.path(FOLDER));
    await writeFile(files.path(`${FOLDER}/${encodeURIComponent(key)}`), md5);
    return false;
  }
}

/** Carries out the refusals that failed while the bucket was away, also before a restart. */
export async function carryOutRefusals(bucket: ObjectBucket, files: BucketFiles): Promise<void> {
  for (const name of await namesIn(files.path(FOLDER))) {
    const path = files.path(`${FOLDER}/${name}`);
    await takeBack(bucket, { key: decodeURIComponent(name), md5: await readFile(path, 'utf8') });
    await rm(path);
  }
}

/** The key is in use from here on, so that neither a late put nor another request can take it while it is refused. */
async function takeBack(bucket: ObjectBucket, { key, md5 }: RefusedPut): Promise<void> {
  while ((await bucket.create(key, REFUSED)) === 'exists') {
    const present = await bucket.head(key);
    // A repeat of the request was accepted under this key, so the refused put cannot land any more.
    if (present !== null && present.etag !== md5) return;
    await bucket.remove([key]);
  }
}
