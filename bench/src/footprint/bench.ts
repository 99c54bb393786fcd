import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type Footprint, runFootprint } from './footprint.js';

const COLUMNS: Columns<Footprint> = [
  ['each', ({ kind }) => kind],
  ['', ({ stage }) => stage],
  ['Redis, bytes', ({ redis }) => redis.toFixed(0)],
  ['counted', ({ countedRedis }) => countedRedis.toFixed(0)],
  ['staging, bytes', ({ staging }) => staging.toFixed(0)],
  ['counted', ({ countedStaging }) => countedStaging.toFixed(0)],
  ['inodes', ({ inodes }) => inodes.toFixed(2)],
];
/** Of staging, counted and measured. */
const MAX_DIFFERENCE = 0.05;

export const footprint = bench({
  options: { images: 500 },
  measure: ({ images }) => runFootprint({ images, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.footprints)}`,
  judge({ footprints }) {
    const checks = openChecks(sayProgress);
    for (const { kind, stage, staging, countedStaging } of footprints) {
      const ratio = countedStaging / staging;
      checks.add(
        `${stage}, ${kind}: staging is counted within ${MAX_DIFFERENCE * 100} %`,
        Math.abs(ratio - 1) <= MAX_DIFFERENCE,
        `${ratio.toFixed(3)} × ${staging.toFixed(0)}`,
      );
    }
    return checks.all;
  },
});
