import { asError } from '../../runtime/as-error.js';
import type { Logger } from '../../runtime/log.js';
import { removeFolder } from '../files/folder.js';
import type { StagingLayout } from '../folder-staging/layout.js';
import { batchIds, imageIds, isIdle, modifiedAt, openLists } from '../folder-staging/walk.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import type { BucketFiles } from './bucket-files.js';

const TIDY_EVERY_MS = 60_000;
/** Nothing needs the copy of a source that was made so long ago, and no request takes so long. */
const UNUSED_MS = 3600_000;

/** A host's clock may differ so much from that of OSS. */
const CLOCK_MS = 5000;

/** Removes the copies that this host does not need any more, again and again: other hosts finish or delete images and batches, too. */
export function keepTidy(files: BucketFiles, layout: StagingLayout, log?: Logger): void {
  let isRunning = false;
  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      await tidy(files, layout);
    } catch (error) {
      log?.warn({ err: asError(error) }, 'unused copies could not be removed from this disk');
    } finally {
      isRunning = false;
    }
  };
  setInterval(() => void run(), TIDY_EVERY_MS).unref();
}

/** Removes what is not needed of the copies on the private disk. */
export async function tidy(files: BucketFiles, layout: StagingLayout): Promise<void> {
  for await (const arrival of openLists(layout).arrivals())
    if (await arrival.isIdle(UNUSED_MS)) await arrival.remove();
  for await (const id of imageIds(layout.live))
    if (await isIdle(layout.root, layout.image(id), UNUSED_MS)) await removeFolder(layout.image(id));
  for await (const id of batchIds(layout)) await tidyBatch(files, layout, id);
}

async function tidyBatch(files: BucketFiles, layout: StagingLayout, id: string): Promise<void> {
  const folder = layout.batch(id);
  const { entry, items, cells, index } = batchFiles(stagedNames.batch(id));
  if ((await isIdle(layout.root, folder, UNUSED_MS)) || !(await files.has(entry)))
    return removeFolder(folder);
  const newest = await files.newest(index);
  const copiedAt = await modifiedAt(files.path(index));
  // Another host has erased a row.
  if (newest === null || copiedAt === null || newest.lastModified.getTime() < copiedAt - CLOCK_MS) return;
  for (const name of [items, cells, index]) await files.bring(name);
}
