import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagingLayout } from './layout.js';

/** Bytes of one outcome: a record as JSON, of about 2 KB. Counted by number, since a `stat` of a million files takes half a minute. */
export const OUTCOME_BYTES = 2048;
/**
 * Age at which outcomes are counted again. A million of them are 256 folders of 4,000 names, which take about a second to
 * list; 200 new ones a second make 24 MB a minute, well below a hundredth of the default budget.
 */
const COUNT_EVERY_MS = 60_000;

export interface OutcomeBytes {
  /** Bytes of all outcomes, as of a minute ago at most. */
  read(): Promise<number>;
}

/** Estimates what the outcomes in staging take. */
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

/** Lists all outcomes; a folder that cannot be read counts nothing. */
export async function countOutcomeBytes({ outcomes }: Pick<StagingLayout, 'outcomes'>): Promise<number> {
  let count = 0;
  for (const shard of await names(outcomes)) count += (await names(join(outcomes, shard))).length;
  return count * OUTCOME_BYTES;
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
