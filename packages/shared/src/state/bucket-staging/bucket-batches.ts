import { readFile, utimes } from 'node:fs/promises';
import { relative } from 'node:path';
import { BATCH_ID } from '@pixdock/contract/ids';
import type { Logger } from '../../runtime/log.js';
import type { BatchEntry } from '../batches/batch-entry.js';
import { removeFolder } from '../files/folder.js';
import { isThere } from '../files/optional-file.js';
import { type BatchArrival, openBatchArrival } from '../folder-staging/batch-arrival.js';
import { openFolderFiles } from '../folder-staging/folder-files.js';
import type { StagingLayout } from '../folder-staging/layout.js';
import { eraseRow } from '../manifest/erase-row.js';
import { openItems } from '../manifest/manifest.js';
import { logLeftover } from '../staged/log-leftover.js';
import type { BatchStore } from '../staged/staged-batches.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import { refuse } from './bucket-arrival.js';
import { type BucketFiles, bodyOf } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { toStored } from './stored-text.js';
import { keyOf, nextNumber, versionsOf } from './versions.js';

/** The batches in a bucket. Each host reads rows from copies on its private disk. */
export function openBucketBatches(
  bucket: ObjectBucket,
  files: BucketFiles,
  layout: StagingLayout,
  log?: Logger,
): BatchStore {
  /** The rows of a batch, which an erased row changes. */
  const rowsOf = (id: string) => {
    const { items, cells, index } = batchFiles(stagedNames.batch(id));
    return [items, cells, index];
  };

  /** Brings the newest versions of these names to this disk. @param known what is here already */
  async function bringNewest(names: readonly string[], known: ReadonlyMap<string, number>) {
    const here = new Map<string, number>();
    for (const name of names) {
      const isHere = await isThere(files.path(name));
      for (let newest = await files.newest(name); newest !== null; newest = await files.newest(name)) {
        const isKnown = isHere && known.get(name) === newest.number;
        // Another host may replace it meanwhile.
        if (!isKnown && !(await files.copy(newest.key, files.path(name)))) continue;
        here.set(name, newest.number);
        break;
      }
    }
    return here;
  }

  return {
    async openArrival(id) {
      await bucket.check();
      return openBucketBatchArrival(bucket, files, layout, id, log);
    },

    async isOpen(id, entryName) {
      // Copies that are in use stay, see `tidy`.
      const isHere = await utimes(layout.batch(id), new Date(), new Date()).then(
        () => true,
        () => false,
      );
      return isHere && (await files.has(entryName));
    },

    async *ids() {
      let last = '';
      for await (const { name } of files.below(stagedNames.batches)) {
        const id = name.split('/')[2]?.replace(/\.json$/, '') ?? '';
        if (id === last || !BATCH_ID.test(id)) continue;
        last = id;
        yield id;
      }
    },

    async openManifest(id, text, caches) {
      const names = batchFiles(stagedNames.batch(id));
      for (const name of rowsOf(id)) if (!(await isThere(files.path(name)))) await files.bring(name);
      /** The numbers of the versions that are on this disk. */
      let here: ReadonlyMap<string, number> = new Map();
      const readHeaders = async () => {
        const newest = await files.newest(names.headers);
        // They are credentials: no copy of them is on a disk.
        return newest === null ? null : ((await bucket.read(newest.key))?.toString() ?? null);
      };
      const items = openItems(text, batchFiles(layout.batch(id)), caches, readHeaders);
      /** One at a time: each erases in the same copies. */
      let erased = Promise.resolve();

      async function erase(place: number, isDeleted: (imageId: string) => Promise<boolean>): Promise<void> {
        const changed = [...rowsOf(id), names.archive];
        here = await bringNewest(changed, here);
        const isErased = await eraseRow(
          items.batch,
          place,
          (other) => isDeleted(items.id(other)),
          (path) => files.removeUnsynced(relative(layout.root, path)),
        );
        if (!isErased) return;
        for (const [name, number] of here) {
          const key = await files.put(name, await bodyOf(files.path(name)), number + 1);
          // Another host has erased a row in the meantime.
          if (key === null) return erase(place, isDeleted);
        }
        for (const name of here.keys()) await files.removeOlder(name);
        here = new Map(Array.from(here, ([name, number]) => [name, number + 1]));
        items.forget(place);
      }

      return {
        ...items,
        erase(place, isDeleted) {
          const next = erased.then(() => erase(place, isDeleted));
          erased = next.catch(() => {});
          return next;
        },
        async archive() {
          const path = files.path(names.archive);
          return (await isThere(path)) || (await files.bring(names.archive)) ? path : null;
        },
        hasShared: (place) => files.has(names.shared(place)),
        async share(place) {
          if (await files.has(names.shared(place))) return;
          await files.put(names.shared(place), await bodyOf(layout.source(items.id(place))));
        },
        dropShared: (place) => files.removeUnsynced(names.shared(place)),
      };
    },
  };
}

/** Receives a batch on the private disk, and copies it to the bucket at its commit: the entry last. */
async function openBucketBatchArrival(
  bucket: ObjectBucket,
  files: BucketFiles,
  layout: StagingLayout,
  id: string,
  log?: Logger,
): Promise<BatchArrival> {
  const arrival = await openBatchArrival(layout, id, log);
  const names = batchFiles(stagedNames.batch(id));
  const mark = arrivalMark(id);
  /** The objects of this request; another one may bring the same batch. */
  const own: string[] = [];
  let isKept = false;

  async function commit(entry: BatchEntry): Promise<void> {
    if (await files.has(names.entry)) throw new Error(`${id} was staged by another request`);
    await arrival.commit(entry);
    await files.write(mark, '');
    for await (const name of openFolderFiles(layout.root).list(stagedNames.batch(id))) {
      if (name === names.entry) continue;
      const key = await files.put(name, await bodyOf(files.path(name)));
      if (key !== null) own.push(key);
    }
    const key = keyOf(names.entry, nextNumber(await versionsOf(bucket, names.entry)));
    own.push(key);
    const text = toStored(await readFile(files.path(names.entry), 'utf8'));
    if ((await bucket.create(key, text)) === 'exists') {
      own.pop();
      throw new Error(`${id} was staged by another request`);
    }
    await files.removeUnsynced(mark);
    // Workers read these from the bucket.
    await removeFolder(files.path(names.materials));
  }

  async function undo(): Promise<void> {
    for (const key of own.toReversed()) await refuse(bucket, key);
    await files.removeUnsynced(mark);
  }

  return {
    ...arrival,
    commit,
    keep() {
      isKept = true;
      arrival.keep();
    },
    async [Symbol.asyncDispose]() {
      await arrival[Symbol.asyncDispose]();
      if (!isKept && own.length > 0) await undo().catch(logLeftover(log, id));
    },
  };
}

/** The mark of a batch whose objects are being put: what a killed process leaves of the batch is found by it. */
export const arrivalMark = (id: string) => `${stagedNames.arriving(id)}/mark`;
