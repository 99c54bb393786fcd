import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { shownTimes } from '../arrivals/arrive.js';
import { headOf } from '../command/machine.js';
import { endWith, sayProgress, sayResult } from '../command/report.js';
import { wholeNumber } from '../command/whole-number.js';
import { markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type Phase, runOverload } from './overload.js';

const USAGE = 'pnpm bench:overload [--rounds 3] [--seconds 60] [--pictures 160] [--in-flight 16] [--json]';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '60' },
    pictures: { type: 'string', default: '160' },
    'in-flight': { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Time to accept an upload while twice as many arrive as can be published. */
const MAX_P99_MS = 60;
/** The same, as a multiple of that at half of the capacity. */
const MAX_RATIO = 2;
const MIB = 1024 * 1024;

const COLUMNS: readonly (readonly [head: string, cell: (phase: Phase) => string])[] = [
  ['arrivals/s', ({ perSecond }) => perSecond.toFixed(1)],
  ['accepted', ({ accept }) => String(accept.count)],
  ['refused', ({ failures }) => String(failures.length)],
  ['accept p50 / p99 / max, ms', ({ accept }) => shownTimes(accept)],
  ['sources, MiB', ({ sourceBytes }) => (sourceBytes / MIB).toFixed(0)],
  ['published after, s', ({ drainSeconds }) => drainSeconds.toFixed(0)],
];

if (values.help) say(USAGE);
else {
  const result = await runOverload({
    rounds: numberOf('rounds'),
    seconds: numberOf('seconds'),
    pictures: numberOf('pictures'),
    inFlight: numberOf('in-flight'),
    say: sayProgress,
  });
  const { rounds, p99Ms } = result;
  const phases = rounds.flatMap(({ half, double }) => [half, double]);
  sayResult(result, values.json, () =>
    [
      headOf(result),
      `other programs used ${rounds.map(({ otherLoad }) => otherLoad.toFixed(2)).join(', ')} cores`,
      '',
      markdownTable(COLUMNS, phases),
    ].join('\n'),
  );
  const checks = openChecks(sayProgress);
  checks.add(
    `accept p99 at twice the capacity ≤ ${MAX_P99_MS} ms`,
    p99Ms.double <= MAX_P99_MS,
    p99Ms.double.toFixed(0),
  );
  checks.add(
    `≤ ${MAX_RATIO} × that at half of it`,
    p99Ms.ratio <= MAX_RATIO,
    `${p99Ms.ratio.toFixed(2)} (${p99Ms.half.toFixed(0)} ms)`,
  );
  const failures = phases.flatMap((phase) => phase.failures);
  const accepted = phases.reduce((sum, { accept }) => sum + accept.count, 0);
  checks.none('no upload is refused', failures, `${accepted} accepted and published`);
  endWith(checks.all);
}

function numberOf(name: 'rounds' | 'seconds' | 'pictures' | 'in-flight'): number {
  return wholeNumber(values[name], `--${name}`, USAGE);
}
