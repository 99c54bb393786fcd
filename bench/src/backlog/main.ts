import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { shownTimes } from '../arrivals/arrive.js';
import { headOf } from '../command/machine.js';
import { endWith, sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
import { markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type BacklogSummary, runBacklog } from './backlog.js';

const USAGE = 'pnpm bench:backlog [--waiting 100000] [--records 1000000] [--rounds 9] [--seconds 5] [--json]';

const { values } = parseArgs({
  options: {
    waiting: { type: 'string', default: '100000' },
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** The p99 as a multiple of that of the empty side, for each loaded side. */
const MAX_RATIOS = [1.2, 1.5];

const COLUMNS: readonly (readonly [head: string, cell: (side: BacklogSummary) => string])[] = [
  ['images', ({ name }) => name],
  ['accept p50 / p99 / max, ms', ({ accept }) => shownTimes(accept)],
  ['× p99', ({ acceptRatio }) => acceptRatio.toFixed(2)],
  ['status p50 / p99 / max, ms', ({ status }) => shownTimes(status)],
  ['× p99', ({ statusRatio }) => statusRatio.toFixed(2)],
  ['lists p50 / p99 / max, ms', ({ lists }) => shownTimes(lists)],
  ['slow commands', ({ slowCommands }) => String(slowCommands.length)],
];

if (values.help) say(USAGE);
else {
  const result = await runBacklog({
    waiting: numberOf('waiting'),
    records: numberOf('records'),
    rounds: numberOf('rounds'),
    seconds: numberOf('seconds'),
    say: sayProgress,
  });
  sayResult(result, values.json, () => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.sides)}`);
  const checks = openChecks(sayProgress);
  for (const [i, { name, acceptRatio, statusRatio, failures, slowCommands }] of result.sides.entries()) {
    const most = MAX_RATIOS[i - 1];
    if (most !== undefined) {
      checks.add(`${name}: accept p99 ≤ ${most} ×`, acceptRatio <= most, acceptRatio.toFixed(2));
      checks.add(`${name}: status p99 ≤ ${most} ×`, statusRatio <= most, statusRatio.toFixed(2));
    }
    checks.none(`${name}: no request fails`, failures, 'none');
    checks.none(`${name}: no command takes Redis 5 ms`, slowCommands, 'none');
  }
  endWith(checks.all);
}

function numberOf(name: 'waiting' | 'records' | 'rounds' | 'seconds'): number {
  return wholeNumber(values[name], `--${name}`, USAGE);
}
