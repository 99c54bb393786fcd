import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import type { StagingLayout } from '../folder-staging/layout.js';
import { type Leftover, openLists, type StagedLists } from '../folder-staging/walk.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import { type BucketFiles, LATE, readText } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import {
  idOf,
  idsIn,
  keyOf,
  mayLandAgain,
  newestWith,
  nextNumber,
  REFUSED,
  versionsOf,
  versionsWith,
} from './versions.js';

/** Lists of what is in a bucket, and of what is being received on the private disk. */
export function openBucketLists(
  bucket: ObjectBucket,
  files: BucketFiles,
  layout: StagingLayout,
): StagedLists {
  const imagesBelow = (folder: string) => idsIn(files.below(folder), IMAGE_ID);

  /** Batches without an entry: a killed process was bringing them, or removed them. */
  async function* partialBatches(): AsyncGenerator<Leftover> {
    let last = '';
    let hasEntry = true;
    for await (const { name } of files.below(stagedNames.batches)) {
      const id = idOf(name);
      if (id !== last && !hasEntry) yield partialBatch(last);
      if (id !== last) [last, hasEntry] = [id, !BATCH_ID.test(id)];
      const { entry } = batchFiles(stagedNames.batch(id));
      hasEntry ||= name === entry || name === stagedNames.deletedBatch(id);
    }
    if (!hasEntry) yield partialBatch(last);
  }

  function partialBatch(id: string): Leftover {
    const folder = stagedNames.batch(id);
    return {
      name: id,
      isIdle: async (ms) =>
        (await files.isIdle(folder, ms)) && (await files.isIdle(stagedNames.arriving(id), ms)),
      async remove() {
        const { entry } = batchFiles(folder);
        // A request that is slow would put its entry under this key.
        const key = keyOf(entry, nextNumber(await versionsOf(bucket, entry)));
        if ((await bucket.create(key, REFUSED)) === 'exists') return false;
        await files.removeAll(folder);
        return true;
      },
    };
  }

  /** Marks that no late put can need any more. */
  async function* marks(after: string | null = null): AsyncGenerator<Leftover> {
    for await (const { key, name, number, mark, lastModified } of versionsWith(bucket, '', after)) {
      // There are many outcomes, and they have no marks.
      if (name.startsWith(`${stagedNames.outcomes}/`)) return yield* marks(`${stagedNames.outcomes}/~`);
      if (mark !== null)
        yield {
          name: key,
          isIdle: async () => !mayLandAgain({ lastModified }),
          async remove() {
            const gone =
              mark === 'refused'
                ? []
                : (await versionsOf(bucket, name)).filter((version) => version.number <= number);
            // The mark last: without it, one of the others would hold.
            await bucket.remove(gone.map((version) => version.key).filter((other) => other !== key));
            await bucket.remove([key]);
            return true;
          },
        };
    }
  }

  /** Older outcomes of deleted images: a late put may have brought one back. */
  async function* olderOutcomes(): AsyncGenerator<Leftover> {
    for await (const note of files.below(LATE)) {
      const name = note.name.slice(LATE.length + 1);
      yield {
        name,
        isIdle: async () => !mayLandAgain(note),
        async remove() {
          await files.removeOlder(name);
          await bucket.remove([note.key]);
          return true;
        },
      };
    }
  }

  return {
    live: () => imagesBelow(stagedNames.live),
    async *outcomes(part = '') {
      const beginning = `${stagedNames.outcomes}/${part}`;
      for await (const { key, name, lastModified } of newestWith(bucket, beginning)) {
        const id = idOf(name);
        if (name !== stagedNames.outcome(id)) continue;
        // A later outcome has replaced this one.
        const read = async () => (await readText(bucket, key)) ?? files.read(name);
        yield { id, writtenAt: async () => lastModified.getTime(), read };
      }
    },
    deletions: () => imagesBelow(stagedNames.deletions),
    arrivals: () => openLists(layout).arrivals(),
    async *unfinishedEntries() {
      yield* marks();
      yield* partialBatches();
      yield* olderOutcomes();
    },
  };
}
