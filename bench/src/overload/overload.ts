import { arrive, type Rate, shownTimes, type Times, timesOf } from '../arrivals/arrive.js';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { measure } from '../landing/measure.js';
import { type Picture, pictureAt } from '../landing/pictures.js';
import { type Client, clientOf } from '../landing/sides/pixdock.js';
import { openStage, type StageOptions } from '../landing/stage.js';
import { median } from '../landing/summarize.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';

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

export interface OverloadOptions extends StageOptions {
  rounds: number;
  /** How long the arrivals at twice the capacity last. Those at half of it last half as long. */
  seconds: number;
  /** Pictures that measure the capacity. */
  pictures: number;
  inFlight: number;
  say: (line: string) => void;
}

/** Arrivals at one rate. */
export interface Phase {
  perSecond: number;
  accept: Times;
  /** Why requests were refused. */
  failures: readonly string[];
  /** Bytes of the accepted sources. */
  sourceBytes: number;
  /** From the last arrival until all accepted images were published. */
  drainSeconds: number;
}

interface Round {
  /** Images per second that are published while the next ones wait. */
  capacity: number;
  half: Phase;
  double: Phase;
  /** CPU of other programs while the capacity was measured, in cores. */
  otherLoad: number;
}

export interface OverloadResult extends Circumstances {
  rounds: readonly Round[];
  /** Medians over the rounds. */
  p99Ms: { half: number; double: number; ratio: number };
}

const WARM_UP = 8;
/** Images that are waited for at the same time. */
const WAITS = 32;

/** Measures the capacity, then uploads pictures at half of it and at twice of it, and waits until they are published. */
export async function runOverload(options: OverloadOptions): Promise<OverloadResult> {
  const { seconds, inFlight, say } = options;
  await using stage = await openStage({ name: 'pixdock', ...UPLOAD }, options);
  const { sink, side, pictures } = stage;
  const client = clientOf(stage.installation, UPLOAD);
  await measure(side, sink, first(pictures, WARM_UP), inFlight);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const about = `round ${round} of ${options.rounds}`;
    say(`${about}: capacity`);
    const full = await measure(side, sink, first(pictures, options.pictures), inFlight);
    const capacity = full.imagesPerSecond;
    say(`${about}: half of ${capacity.toFixed(1)} images a second`);
    const half = await uploadAt({ perSecond: capacity / 2, seconds: seconds / 2 }, client, pictures);
    say(`${about}: twice as many`);
    const double = await uploadAt({ perSecond: capacity * 2, seconds }, client, pictures);
    rounds.push({ capacity, half, double, otherLoad: full.otherLoad });
  }
  const p99Of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const p99Ms = {
    half: p99Of(({ half }) => half.accept.p99Ms),
    double: p99Of(({ double }) => double.accept.p99Ms),
    ratio: p99Of(({ half, double }) => double.accept.p99Ms / half.accept.p99Ms),
  };
  return { ...circumstances(), rounds, p99Ms };
}

const UPLOAD = { isForm: false, profile: 'jpeg' } as const;

const first = (pictures: readonly Picture[], count: number) =>
  Array.from({ length: count }, (_, i) => pictureAt(pictures, i));

async function uploadAt(rate: Rate, client: Client, pictures: readonly Picture[]): Promise<Phase> {
  const { results, failures } = await arrive(rate, async (place) => {
    const picture = pictureAt(pictures, place);
    return { ...(await client.submit(picture)), bytes: picture.body.length };
  });
  const began = performance.now();
  const waiting = results.values();
  async function waitForSome(): Promise<void> {
    for (const { id } of waiting) await client.untilPublished(id);
  }
  await Promise.all(Array.from({ length: WAITS }, waitForSome));
  return {
    perSecond: rate.perSecond,
    accept: timesOf(results.map(({ acceptMs }) => acceptMs)),
    failures,
    sourceBytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    drainSeconds: (performance.now() - began) / 1000,
  };
}
