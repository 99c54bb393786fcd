import { detailOf } from '@pixdock/contract/messages/detail';
import type { Logger } from '../../runtime/log.js';
import { makeFolder } from '../files/folder.js';
import { stagingLayout } from '../folder-staging/layout.js';
import { findFullDisk } from '../space.js';
import { openStagingOn, type StagingMedium } from '../staged/open-staging-on.js';
import type { Staging, UnopenedStaging } from '../staging.js';
import { STAGING_ID } from '../staging-id.js';
import { openBucketArrival, openUploadedBucketArrival } from './bucket-arrival.js';
import { openBucketBatches } from './bucket-batches.js';
import { openBucketDirectUploads } from './bucket-direct-uploads.js';
import { openBucketFiles } from './bucket-files.js';
import { openBucketLists } from './bucket-lists.js';
import { openBucketOutputs } from './bucket-outputs.js';
import { openBucketSources } from './bucket-sources.js';
import { openBucketUploads, uploadData } from './bucket-uploads.js';
import { countBucketUse, openBucketUsage } from './bucket-usage.js';
import type { ObjectBucket } from './object-bucket.js';
import { keepTidy } from './private-disk.js';

/** The staging in a bucket. @param dataDir a disk of this host alone, for copies */
export function bucketStagingAt(bucket: ObjectBucket, dataDir: string): UnopenedStaging {
  const { root } = stagingLayout(dataDir);
  const files = openBucketFiles(bucket, root);
  return {
    place: bucket.place,
    notes: files,
    exists: () => files.has(STAGING_ID),
    bytesByUse: () => countBucketUse(bucket, files),
    openUsageCounter: () => openBucketUsage(bucket, files),
    async findFull({ usedBytes, maxBytes, neededBytes }) {
      if (maxBytes - usedBytes < neededBytes)
        return detailOf('staging-at-limit', { used: usedBytes, max: maxBytes });
      await bucket.check();
      await makeFolder(root);
      // The disk of this host, which has nothing else of staging.
      return findFullDisk(root, { usedBytes: 0, maxBytes, neededBytes });
    },
  };
}

/**
 * Opens the temporary storage in a private bucket, which API and workers on several hosts share.
 * @param dataDir a disk of this host alone, for copies
 * @param log for failures to remove what is not accepted
 */
export async function openBucketStaging(
  bucket: ObjectBucket,
  dataDir: string,
  log?: Logger,
): Promise<Staging> {
  const layout = stagingLayout(dataDir);
  const { root, incoming, live, batches } = layout;
  for (const folder of [root, incoming, live, batches]) await makeFolder(folder);
  const files = openBucketFiles(bucket, root, log);
  keepTidy(bucket, files, layout, log);
  const parts = { bucket, files, log };
  const medium = {
    ...bucketStagingAt(bucket, dataDir),
    ...openBucketLists(bucket, files, layout),
    ...openBucketSources(bucket, files),
    files,
    batches: openBucketBatches(bucket, files, layout, log),
    uploads: openBucketUploads(bucket, files, log),
    directUploads: openBucketDirectUploads(bucket, files),
    outputs: openBucketOutputs(files),
    async openArrival(id) {
      await bucket.check();
      return openBucketArrival(parts, id);
    },
    async openUploadedArrival(id, uploadId) {
      await bucket.check();
      return openUploadedBucketArrival(parts, id, uploadData(uploadId));
    },
  } satisfies StagingMedium;
  return openStagingOn(medium, log);
}
