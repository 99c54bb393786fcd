import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { checkBatches } from './check-batches.js';
import { checkBucket, checkBytes } from './check-bucket.js';
import { checkImages } from './check-images.js';
import { checkProcesses, checkQueues } from './check-left.js';
import { checkStaging } from './check-staging.js';
import { openDriver } from './driver.js';
import { groupBy } from './group.js';
import type { Find } from './history.js';
import type { Run } from './run.js';

/** All that the service says there is. */
export interface Account {
  images: readonly Image[];
  batches: readonly Batch[];
}

/**
 * Compares what was asked and told with what the service says there is, and that with the bucket, staging, Redis and the
 * processes. Without a find, I1 to I8 hold.
 */
export async function check(run: Run): Promise<Find[]> {
  const account = await readAccount(run);
  const finds = account === null ? [NOT_TOLD] : await compare(run, account);
  return [...finds, ...(account === null ? [] : await checkBytes(run, account)), ...run.history.finds];
}

/** Waits until there is nothing to find any more, or for so long in which no less is left in the queues. */
export async function checkWhenQuiet(run: Run, seconds: number): Promise<Find[]> {
  let least = Number.POSITIVE_INFINITY;
  let end = 0;
  do {
    const { length: left } = checkQueues(run);
    if (left < least) {
      least = left;
      end = performance.now() + seconds * 1000;
    }
    if (left === 0 && (await isQuiet(run))) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  } while (performance.now() < end);
  return check(run);
}

async function isQuiet(run: Run): Promise<boolean> {
  const account = await readAccount(run);
  return account !== null && (await compare(run, account)).length === 0;
}

const LOOK_AGAIN_MS = 500;
const NOT_TOLD: Find = { about: 'the API', what: 'does not tell what there is' };

async function readAccount(run: Run): Promise<Account | null> {
  const driver = openDriver(run);
  const images = await driver.list<Image>('/v1/images');
  const batches = await driver.list<Batch>('/v1/batches');
  return images === null || batches === null ? null : { images, batches };
}

async function compare(run: Run, account: Account): Promise<Find[]> {
  return [
    ...checkImages(run.history, account.images),
    ...checkBatches(run.history, account),
    ...(await checkBucket(run, account)),
    ...checkStaging(run, account),
    ...checkQueues(run),
    ...checkProcesses(run),
  ];
}

/** Finds, each image's together. */
export function told(finds: readonly Find[]): string {
  const byPart = groupBy(finds, ({ about }) => about);
  return [...byPart].map(([about, all]) => `${about}: ${all.map(({ what }) => what).join('; ')}`).join('\n');
}
