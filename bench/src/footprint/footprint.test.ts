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
  const [image, batch] = footprints.filter(({ stage }) => stage === 'deleted');
  // Its outcome; a batch has a folder with two files.
  expect([image?.inodes, batch?.inodes]).toEqual([1, 3]);
});
