import { utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { BATCH_ID } from '@pixdock/contract/ids';
import type { Logger } from '../../runtime/log.js';
import { isThere } from '../files/optional-file.js';
import type { StagingLayout } from '../folder-staging/layout.js';
import { eraseRow, isRowDeleted } from '../manifest/erase-row.js';
import { type Manifest, openItems } from '../manifest/manifest.js';
import type { BatchStore } from '../staged/staged-batches.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import { openBucketBatchArrival } from './bucket-batch-arrival.js';
import { type BucketFiles, bodyOf } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { openScratch } from './spool.js';
import { idOf, idsIn, type Version } from './versions.js';

/** A row that is to be erased once all its images are deleted. */
interface Erasure {
  place: number;
  isDeleted: (imageId: string) => Promise<boolean>;
}

/**
 * The batches in a bucket. Each host reads rows from copies on its private disk, in a folder named after the number of their index: whoever
 * erases a row puts the index last, so that a manifest with another number is out of date.
 */
export function openBucketBatches(
  bucket: ObjectBucket,
  files: BucketFiles,
  layout: StagingLayout,
  log?: Logger,
): BatchStore {
  /** Where the rows of open manifests are, and their number; null without rows. */
  const opened = new WeakMap<Manifest, { folder: string; number: number | null }>();

  const numberOf = async (id: string) =>
    (await files.newest(batchFiles(stagedNames.batch(id)).index))?.number ?? null;

  /** The entries and the tombstones of batches. */
  async function* entries(): AsyncGenerator<Version> {
    for await (const version of files.below(stagedNames.batches)) {
      const id = idOf(version.name);
      const { entry } = batchFiles(stagedNames.batch(id));
      if (version.name === entry || version.name === stagedNames.deletedBatch(id)) yield version;
    }
  }

  return {
    async openArrival(id) {
      await bucket.check();
      return openBucketBatchArrival(bucket, files, layout, id, log);
    },
    ids: () => idsIn(entries(), BATCH_ID),

    async isOpen(manifest, entryName) {
      const { folder = '', number = null } = opened.get(manifest) ?? {};
      // Copies that are in use stay, see `tidy`.
      const isHere = await utimes(folder, new Date(), new Date()).then(
        () => true,
        () => false,
      );
      if (number !== null && !isHere) return false;
      return (await numberOf(manifest.entry.id)) === number && (await files.has(entryName));
    },

    async openManifest(id, text, caches) {
      const names = batchFiles(stagedNames.batch(id));
      const number = await numberOf(id);
      const folder = join(layout.batch(id), String(number ?? 0));
      const copies = batchFiles(folder);
      for (const what of ['items', 'cells', 'index'] as const)
        if (number !== null && !(await isThere(copies[what]))) await files.bring(names[what], copies[what]);
      const readHeaders = async () => {
        const newest = await files.newest(names.headers);
        // They are credentials: no copy of them is on a disk.
        return newest === null ? null : ((await bucket.read(newest.key))?.toString() ?? null);
      };
      const items = openItems(text, copies, caches, readHeaders);

      /** Erases rows in a scratch copy, and puts the changed files. */
      async function eraseAll(erasures: readonly Erasure[]): Promise<void> {
        await using scratch = await openScratch(files, id);
        const own = batchFiles(scratch.path);
        const numbers = new Map<'items' | 'cells' | 'index' | 'archive', number>();
        const bring = async (what: 'items' | 'cells' | 'index' | 'archive') => {
          const brought = await files.bring(names[what], own[what]);
          if (brought !== null) numbers.set(what, brought.number);
        };
        for (const what of ['items', 'cells'] as const) await bring(what);
        const isDue = async ({ place, isDeleted }: Erasure) =>
          isRowDeleted(items.batch, place, (other) => isDeleted(items.id(other)));
        const due: Erasure[] = [];
        for (const erasure of erasures) if (await isDue(erasure)) due.push(erasure);
        if (due.length === 0) return;
        const kinds = await Promise.all(due.map(async ({ place }) => (await items.item(place)).origin?.kind));
        if (items.entry.workbook !== null || kinds.includes('entry')) await bring('archive');
        // Last: it tells others that their copies are out of date.
        await bring('index');
        // The batch is forgotten or deleted.
        if (!numbers.has('index')) return;
        for (const { place, isDeleted } of due)
          await eraseRow(
            { ...items.batch, files: own },
            place,
            (other) => isDeleted(items.id(other)),
            (path) => files.removeUnsynced(join(stagedNames.batch(id), relative(scratch.path, path))),
          );
        const added: string[] = [];
        for (const [what, known] of numbers) {
          const key = await files.put(names[what], await bodyOf(own[what]), known + 1);
          // Another host has erased a row meanwhile.
          if (key === null) return await eraseAll(due);
          added.push(key);
        }
        for (const what of numbers.keys()) await files.removeOlder(names[what]);
        // Or it has forgotten the batch.
        if (!(await files.has(names.entry))) await bucket.remove(added);
        for (const { place } of due) items.forget(place);
      }

      let waiting: Erasure[] = [];
      let next: Promise<void> | null = null;
      let last: Promise<void> = Promise.resolve();

      const manifest: Manifest = {
        ...items,
        erase(place, isDeleted) {
          // All that come while some are erased are erased together, since all rows are put again.
          waiting.push({ place, isDeleted });
          if (next === null) {
            next = last.then(() => {
              const all = waiting;
              [waiting, next] = [[], null];
              return eraseAll(all);
            });
            last = next.catch(() => {});
          }
          return next;
        },
        async archive() {
          const newest = await files.newest(names.archive);
          if (newest === null) return null;
          const path = `${copies.archive}.${newest.number}`;
          if (!(await isThere(path)) && !(await files.copy(newest.key, path))) return null;
          return path;
        },
        hasShared: (place) => files.has(names.shared(place)),
        async share(place) {
          if (await files.has(names.shared(place))) return;
          await files.put(names.shared(place), await bodyOf(layout.source(items.id(place))));
        },
        dropShared: (place) => files.removeUnsynced(names.shared(place)),
      };
      opened.set(manifest, { folder, number });
      return manifest;
    },
  };
}
