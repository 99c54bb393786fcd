import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagingLayout } from './layout.js';

/** Bytes of one outcome: a record as JSON, about 2 KB. Outcomes are counted, since a `stat` of a million files takes half a minute. */
export const OUTCOME_BYTES = 2048;
/**
 * Age at which a count is repeated. Listing a million outcomes, in 256 folders of 4,000 names, takes about a second; 200 new
 * ones a second are 24 MB a minute, well below a hundredth of the default budget.
 */
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

/** Counts all outcomes, except those in folders that cannot be read. */
export async function countOutcomeBytes({ outcomes }: Pick<StagingLayout, 'outcomes'>): Promise<number> {
  let count = 0;
  for (const shard of await names(outcomes)) count += (await names(join(outcomes, shard))).length;
  return count * OUTCOME_BYTES;
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
