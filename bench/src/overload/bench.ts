import { shownTimes } from '../arrivals/arrive.js';
import { bench, sayProgress } from '../command/bench.js';
import { headOf } from '../command/machine.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { type OverloadResult, type Phase, runOverload } from './overload.js';

/** Time to accept an upload while twice as many arrive as can be published. */
const MAX_P99_MS = 60;
/** The same, as a multiple of that at half of the capacity. */
const MAX_RATIO = 2;
const MIB = 1024 * 1024;

const COLUMNS: Columns<Phase> = [
  ['arrivals/s', ({ perSecond }) => perSecond.toFixed(1)],
  ['accepted', ({ accept }) => String(accept.count)],
  ['refused', ({ failures }) => String(failures.length)],
  ['accept p50 / p99 / max, ms', ({ accept }) => shownTimes(accept)],
  ['sources, MiB', ({ sourceBytes }) => (sourceBytes / MIB).toFixed(0)],
  ['published after, s', ({ drainSeconds }) => drainSeconds.toFixed(0)],
];

const phasesOf = ({ rounds }: OverloadResult) => rounds.flatMap(({ half, double }) => [half, double]);

export const overload = bench({
  options: { rounds: 3, seconds: 60, pictures: 160, 'in-flight': 16 },
  measure: ({ 'in-flight': inFlight, ...given }) => runOverload({ ...given, inFlight, say: sayProgress }),
  report: (result) =>
    [
      headOf(result),
      `other programs used ${result.rounds.map(({ otherLoad }) => otherLoad.toFixed(2)).join(', ')} cores`,
      '',
      markdownTable(COLUMNS, phasesOf(result)),
    ].join('\n'),
  judge(result) {
    const { p99Ms } = result;
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
    const phases = phasesOf(result);
    const failures = phases.flatMap((phase) => phase.failures);
    const accepted = phases.reduce((sum, { accept }) => sum + accept.count, 0);
    checks.none('no upload is refused', failures, `${accepted} accepted and published`);
    return checks.all;
  },
});
