import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagingLayout } from './layout.js';

/** Outcomes whose size is read; the others are counted, since a `stat` of a million files takes half a minute. */
const MEASURED = 500;
/** The count of these many random ids is within 2 % of its mean with a probability of 95 %. Listing them takes about 10 ms. */
const COUNTED = 10_000;
/** Age at which a count is repeated. 200 new outcomes a second are 24 MB a minute, a quarter of a hundredth of the default budget. */
const COUNT_EVERY_MS = 60_000;

export interface OutcomeBytes {
  /** Bytes of all outcomes, at most a minute old. */
  read(): Promise<number>;
}

/** Estimates the bytes of the outcomes in staging. */
export function openOutcomeBytes(layout: Pick<StagingLayout, 'outcomes'>): OutcomeBytes {
  let bytes = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  return {
    async read() {
      if (performance.now() - countedAt < COUNT_EVERY_MS) return bytes;
      bytes = await countOutcomeBytes(layout);
      countedAt = performance.now();
      return bytes;
    },
  };
}

/**
 * Estimates the bytes of the outcomes. Ids are random, so each folder has about as many: above `most`, the folders that were listed
 * until then stand for the others, and so do the outcomes whose size is read. Folders that cannot be read are empty.
 */
export async function countOutcomeBytes(
  { outcomes }: Pick<StagingLayout, 'outcomes'>,
  most = COUNTED,
): Promise<number> {
  const shards = (await names(outcomes)).toSorted();
  const paths: string[] = [];
  let listed = 0;
  for (const shard of shards) {
    if (paths.length >= most) break;
    for (const name of await names(join(outcomes, shard))) paths.push(join(outcomes, shard, name));
    listed++;
  }
  if (paths.length === 0) return 0;
  const step = Math.ceil(paths.length / MEASURED);
  const measured = paths.filter((_, i) => i % step === 0);
  let bytes = 0;
  for (const path of measured) bytes += await sizeOf(path);
  return Math.round((bytes / measured.length) * paths.length * (shards.length / listed));
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
