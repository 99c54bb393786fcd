import { access } from 'node:fs/promises';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import { countOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { bytesBelow } from '@pixdock/shared/state/files/staged-bytes';
import { findFullDisk } from '@pixdock/shared/state/space';
import type { Facts } from './facts.js';

/** As the API: it accepts nothing while staging has less space. */
const MIN_FREE_BYTES = 1024 ** 2;

/** Counts the files in staging. */
export async function readStaging(dataDir: string, limit: number): Promise<Facts['staging']> {
  const layout = stagingLayout(dataDir);
  const isThere = await access(layout.root).then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  const seen = new Set<number>();
  const uploads = (await bytesBelow(layout.incoming, seen)) + (await bytesBelow(layout.uploads, seen));
  // Before the images: a batch file that an item links counts for the batch.
  const batches = await bytesBelow(layout.batches, seen);
  const images = await bytesBelow(layout.live, seen);
  const outcomes = await countOutcomeBytes(layout);
  const full = await findFullDisk({
    folder: layout.root,
    usedBytes: uploads + batches + images + outcomes,
    maxBytes: limit,
    neededBytes: MIN_FREE_BYTES,
  });
  return { limit, byUse: { uploads, images, batches, outcomes }, full };
}
