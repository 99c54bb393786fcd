import { type BucketSettings, openBucket, type StoreOptions } from './bucket.js';
import type { BucketInfo } from './types.js';
import { toBucketInfo } from './wire-format.js';

/** Asks OSS for the settings of a bucket. @throws StorageFault, NoSuchBucket if it does not exist */
export async function readBucketInfo(
  settings: BucketSettings,
  options: StoreOptions = {},
): Promise<BucketInfo> {
  const { client, run, stop } = openBucket(settings, options);
  try {
    return await run('info', undefined, async (call) => toBucketInfo(await client.info(call)));
  } finally {
    stop();
  }
}
