import { shownTimes } from '../arrivals/arrive.js';
import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type BacklogSummary, runBacklog } from './backlog.js';

/** The p99 as a multiple of that of the empty side, for each loaded side. */
const MAX_RATIOS = [1.2, 1.5];

const COLUMNS: Columns<BacklogSummary> = [
  ['images', ({ name }) => name],
  ['accept p50 / p99 / max, ms', ({ accept }) => shownTimes(accept)],
  ['× p99', ({ acceptRatio }) => acceptRatio.toFixed(2)],
  ['status p50 / p99 / max, ms', ({ status }) => shownTimes(status)],
  ['× p99', ({ statusRatio }) => statusRatio.toFixed(2)],
  ['lists p50 / p99 / max, ms', ({ lists }) => shownTimes(lists)],
  ['slow commands', ({ slowCommands }) => String(slowCommands.length)],
];

export const backlog = bench({
  options: { waiting: 100_000, records: 1_000_000, rounds: 9, seconds: 5 },
  measure: (given) => runBacklog({ ...given, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.sides)}`,
  judge({ sides }) {
    const checks = openChecks(sayProgress);
    for (const [i, { name, acceptRatio, statusRatio, failures, slowCommands }] of sides.entries()) {
      const most = MAX_RATIOS[i - 1];
      if (most !== undefined) {
        checks.add(`${name}: accept p99 ≤ ${most} ×`, acceptRatio <= most, acceptRatio.toFixed(2));
        checks.add(`${name}: status p99 ≤ ${most} ×`, statusRatio <= most, statusRatio.toFixed(2));
      }
      checks.none(`${name}: no request fails`, failures, 'none');
      checks.none(`${name}: no command takes Redis 5 ms`, slowCommands, 'none');
    }
    return checks.all;
  },
});
