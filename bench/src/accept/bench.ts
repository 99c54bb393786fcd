import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { type AcceptSummary, runAccept } from './accept.js';

const COLUMNS: Columns<AcceptSummary> = [
  ['side', ({ name }) => name],
  ['CPU ms, server', (side) => side.serverMs.toFixed(1)],
  ['× raw', (side) => side.ratio.toFixed(2)],
  ['CPU ms, Redis', (side) => side.redisMs.toFixed(1)],
  ['accept p50 / p99, ms', ({ p50Ms, p99Ms }) => `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`],
];

export const accept = bench({
  options: { rounds: 5, pictures: 40, 'in-flight': 8, 'at-once': 50, 'cpu-prof': '' },
  measure: ({ rounds, pictures, 'in-flight': inFlight, 'at-once': atOnce, 'cpu-prof': folder }) =>
    runAccept({ rounds, pictures, inFlight, atOnce, profileFolder: folder || null, say: sayProgress }),
  report(result) {
    const { sides, memory } = result;
    return [
      headOf(result),
      '',
      markdownTable(COLUMNS, sides),
      '',
      `${memory.atOnce} uploads of 12 MP at once: ${(memory.peakMib - memory.idleMib).toFixed(0)} MiB above ${memory.idleMib.toFixed(0)} MiB`,
    ].join('\n');
  },
});
