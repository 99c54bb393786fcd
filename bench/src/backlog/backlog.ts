import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shownTimes, type Times, timesOf } from '../arrivals/arrive.js';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { inRounds } from '../landing/in-rounds.js';
import { makePictures } from '../landing/pictures.js';
import { median } from '../landing/summarize.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';
import { publishOne } from '../seed/published.js';
import { removeFolder } from '../seed/remove-folder.js';
import { type Installation, type Load, openInstallation } from './installation.js';
import { type Sample, sample } from './sample.js';

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

export interface BacklogOptions {
  /** Images that wait for a worker. */
  waiting: number;
  /** Final images. */
  records: number;
  rounds: number;
  seconds: number;
  scale?: number;
  say: (line: string) => void;
}

/** Over all rounds. */
export interface BacklogSummary {
  name: string;
  accept: Times;
  status: Times;
  /** Lists, counts and metrics. */
  lists: Times;
  /** Medians of the ratios of the p99 to that of the first side in the same round. */
  acceptRatio: number;
  statusRatio: number;
  /** Why requests failed. */
  failures: readonly string[];
  /** Commands that took Redis longer than 5 ms during the rounds. */
  slowCommands: readonly string[];
}

export interface BacklogResult extends Circumstances {
  sides: readonly BacklogSummary[];
}

/** Pictures of 0.2 to 2 MP: for larger ones, the body would hide what depends on the load. */
const PICTURES = 20;
const SCALE = 0.3;

/** Uploads to, and polls, an empty installation and two loaded ones in turn. No worker runs. */
export async function runBacklog(options: BacklogOptions): Promise<BacklogResult> {
  const { waiting, records, seconds, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const sides: Installation[] = [];
  try {
    const pictures = await makePictures(folder, PICTURES, options.scale ?? SCALE);
    const nextRecord = await publishOne(folder);
    const open = async (name: string, load: Load) => {
      say(`${name}: adding images`);
      sides.push(await openInstallation(folder, { name, load, nextRecord, say }));
    };
    await open('empty', { waiting: 0, final: 0 });
    await open(`${waiting} waiting`, { waiting, final: 0 });
    await open(`${records} final`, { waiting: 0, final: records });
    // Otherwise the kernel would write gigabytes during the first rounds.
    execFileSync('sync');
    for (const side of sides) await sample(side, pictures, seconds);
    for (const side of sides) side.resetSlowLog();
    const samples = await inRounds(options, sides, (side) => sample(side, pictures, seconds));
    const samplesOf = (i: number) => samples.flatMap((round) => round[i] ?? []);
    return {
      ...circumstances(),
      sides: sides.map((side, i) => summaryOf(side, samplesOf(i), samplesOf(0))),
    };
  } finally {
    for (const side of sides) await side.stop();
    removeFolder(folder);
  }
}

type Kind = Exclude<keyof Sample, 'failures'>;

function summaryOf(
  { name, slowCommands }: Installation,
  own: readonly Sample[],
  first: readonly Sample[],
): BacklogSummary {
  const all = (kind: Kind) => timesOf(own.flatMap((one) => one[kind]));
  const ratio = (kind: Kind) =>
    median(own.map((one, i) => timesOf(one[kind]).p99Ms / timesOf(first[i]?.[kind] ?? []).p99Ms));
  return {
    name,
    accept: all('accept'),
    status: all('status'),
    lists: all('lists'),
    acceptRatio: ratio('accept'),
    statusRatio: ratio('status'),
    failures: own.flatMap(({ failures }) => failures),
    slowCommands: slowCommands(),
  };
}
