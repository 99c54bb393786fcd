import { join } from 'node:path';
import { asError } from '../../runtime/as-error.js';
import type { Logger } from '../../runtime/log.js';
import { removeFolder } from '../files/folder.js';
import { namesIn } from '../files/optional-file.js';
import type { StagingLayout } from '../folder-staging/layout.js';
import { batchIds, imageIds, isIdle, openLists } from '../folder-staging/walk.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import type { BucketFiles } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { carryOutRefusals } from './refusals.js';

const TIDY_EVERY_MS = 60_000;
/** A copy that was not used for so long is removed, and made again when it is needed. */
const UNUSED_MS = 3600_000;
/** An open manifest checks every second whether its copies are out of date. */
const OUT_OF_DATE_MS = 30_000;

/** Tidies the private disk again and again: other hosts finish or delete images and batches, too. */
export function keepTidy(
  bucket: ObjectBucket,
  files: BucketFiles,
  layout: StagingLayout,
  log?: Logger,
): void {
  let isRunning = false;
  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      await tidy(bucket, files, layout);
    } catch (error) {
      log?.warn({ err: asError(error) }, 'unused copies could not be removed from this disk');
    } finally {
      isRunning = false;
    }
  };
  setInterval(() => void run(), TIDY_EVERY_MS).unref();
}

/** Removes unused copies from the private disk, and repeats the refusals that failed. */
export async function tidy(bucket: ObjectBucket, files: BucketFiles, layout: StagingLayout): Promise<void> {
  const { root } = layout;
  for await (const arrival of openLists(layout).arrivals())
    if (await arrival.isIdle(UNUSED_MS)) await arrival.remove();
  for await (const id of imageIds(layout.live))
    if (await isIdle(root, layout.image(id), UNUSED_MS)) await removeFolder(layout.image(id));
  await carryOutRefusals(bucket, files);
  for await (const id of batchIds(layout)) {
    const newest = await files.newest(batchFiles(stagedNames.batch(id)).index);
    for (const number of await namesIn(layout.batch(id))) {
      const copies = join(layout.batch(id), number);
      // Without its rows the batch is forgotten or deleted; with another number, a row of it is erased.
      const unusedMs = number === String(newest?.number) ? UNUSED_MS : OUT_OF_DATE_MS;
      if (await isIdle(root, copies, unusedMs)) await removeFolder(copies);
    }
    if ((await namesIn(layout.batch(id))).length === 0) await removeFolder(layout.batch(id));
  }
}
