import { IMAGE_ID } from '@pixdock/contract/ids';
import { nowMs } from '../../runtime/clock.js';
import type { StagingLayout } from '../folder-staging/layout.js';
import { type Leftover, openLists, type StagedLists } from '../folder-staging/walk.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import { arrivalMark } from './bucket-batches.js';
import type { BucketFiles } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { versionsOf, versionsWith } from './versions.js';

/** OSS takes no request that was signed longer ago than 15 minutes, so that no put lands later than this. */
const LATE_PUT_MS = 3600_000;

/** Lists of what is in a bucket, and of what is being received on the private disk. */
export function openBucketLists(
  bucket: ObjectBucket,
  files: BucketFiles,
  layout: StagingLayout,
): StagedLists {
  const local = openLists(layout);

  async function* idsBelow(folder: string): AsyncGenerator<string> {
    let last = '';
    for await (const { name } of files.below(folder)) {
      const id = name.split('/')[2]?.replace(/\.json$/, '') ?? '';
      if (id === last || !IMAGE_ID.test(id)) continue;
      last = id;
      yield id;
    }
  }

  /** The objects of a batch whose process was killed before its entry. */
  async function* arrivingBatches(): AsyncGenerator<Leftover> {
    for (const id of await files.namesIn(stagedNames.incoming)) {
      const folder = stagedNames.batch(id);
      yield {
        name: id,
        isIdle: async (ms) => (await files.isIdle(arrivalMark(id), ms)) && (await files.isIdle(folder, ms)),
        async remove() {
          if (!(await files.has(batchFiles(folder).entry))) await files.removeAll(folder);
          await files.removeUnsynced(arrivalMark(id));
          return true;
        },
      };
    }
  }

  /** Marks after the time in which they are needed. */
  async function* marks(after: string | null = null): AsyncGenerator<Leftover> {
    for await (const { key, name, number, mark, lastModified } of versionsWith(bucket, '', after)) {
      // There are many outcomes, and they have no marks.
      if (name.startsWith(`${stagedNames.outcomes}/`)) return yield* marks(`${stagedNames.outcomes}/~`);
      if (mark !== null)
        yield {
          name: key,
          isIdle: async (ms) => lastModified.getTime() < nowMs() - Math.max(ms, LATE_PUT_MS),
          async remove() {
            const gone = (await versionsOf(bucket, name)).filter((version) =>
              mark === 'removed' ? version.number <= number : version.number === number,
            );
            // The mark last: until then, it takes away the others.
            await bucket.remove(gone.map((version) => version.key).filter((other) => other !== key));
            await bucket.remove([key]);
            return true;
          },
        };
    }
  }

  return {
    live: () => idsBelow(stagedNames.live),
    outcomes: () => idsBelow(stagedNames.outcomes),
    deletions: () => idsBelow(stagedNames.deletions),
    async *arrivals() {
      yield* local.arrivals();
      yield* arrivingBatches();
    },
    unfinishedEntries: marks,
  };
}
