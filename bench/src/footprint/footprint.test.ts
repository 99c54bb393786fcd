import { expect, test } from 'vitest';
import { runFootprint } from './footprint.js';

/** A small `pnpm bench footprint`. */
test('counts what images and batches take of the disk, and frees it after a DELETE', async () => {
  const only = ['image, largest fields', 'batch of one row'];
  const { footprints } = await runFootprint({ images: 2, only, say: () => {} });
  expect(footprints.map(({ kind, stage }) => [kind, stage])).toEqual(
    only.flatMap((kind) => ['waiting', 'final', 'deleted'].map((stage) => [kind, stage])),
  );
  for (const { staging, countedStaging } of footprints) expect(countedStaging).toBe(staging);
  const inodes = (wanted: string) =>
    footprints.filter(({ stage }) => stage === wanted).map((one) => one.inodes);
  // A folder with a source and a submission; a folder with an entry, items, cells and an index.
  expect(inodes('waiting')).toEqual([3, 5]);
  // The outcome; with the folder of the batch.
  expect(inodes('final')).toEqual([1, 6]);
  expect(inodes('deleted')).toEqual([1, 1]);
});
