import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type AtLatency, runSlowOss } from './slow-oss.js';

/** The least share of the rate without latency. Other latencies are only shown. */
const LEAST_RATIOS = new Map([
  [200, 0.95],
  [1000, 0.9],
]);

const COLUMNS: Columns<AtLatency> = [
  ['OSS responds after', ({ latencyMs }) => `${latencyMs} ms`],
  ['images/s', (row) => row.imagesPerSecond.toFixed(1)],
  ['× 0 ms', ({ ratio }) => ratio.toFixed(2)],
  ['CPU ms per image', (row) => row.msPerImage.toFixed(0)],
];

export const slowOss = bench({
  options: { rounds: 3, pictures: 300, 'in-flight': 64, latencies: [200, 1000], side: 'pixdock-raw' },
  measure: ({ rounds, pictures, 'in-flight': inFlight, latencies: latenciesMs, side: sideName }) =>
    runSlowOss({ rounds, pictures, inFlight, latenciesMs, sideName, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.rows)}`,
  judge({ rows }) {
    const checks = openChecks(sayProgress);
    for (const { latencyMs, ratio } of rows) {
      const least = LEAST_RATIOS.get(latencyMs);
      if (least !== undefined)
        checks.add(`at ${latencyMs} ms at least ${least} of the rate`, ratio >= least, ratio.toFixed(3));
    }
    return checks.all;
  },
});
