import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances } from '../command/machine.js';
import { inRounds } from './in-rounds.js';
import { measure } from './measure.js';
import { makePictures } from './pictures.js';
import type { Side } from './side.js';
import { openSides } from './sides/all.js';
import { startSink } from './sink.js';
import { type Summary, summarize } from './summarize.js';
import { tableOf } from './table.js';

export const landing = bench({
  options: { rounds: 5, pictures: 40, only: '', 'in-flight': 8, 'cpu-prof': '' },
  measure: ({ rounds, pictures, only, 'in-flight': inFlight, 'cpu-prof': folder }) =>
    runLanding({
      rounds,
      pictures,
      inFlight,
      only: only === '' ? null : only.split(','),
      profileFolder: folder || null,
      say: sayProgress,
    }),
  report: tableOf,
});

export interface LandingOptions {
  rounds: number;
  pictures: number;
  inFlight: number;
  /** Names of the sides to run; null for all. The first is the yardstick. */
  only: readonly string[] | null;
  /** Where API and worker write their CPU profiles when they stop. */
  profileFolder: string | null;
  /** Decoder processes and loop lanes; by default one for each core. */
  lanes?: number;
  /** Factor on the width and the height of the pictures. */
  scale?: number;
  say: (line: string) => void;
}

export interface LandingResult extends Circumstances {
  options: { rounds: number; pictures: number; inFlight: number };
  /** CPU of other programs during the measurements, in cores. */
  otherLoad: number;
  sides: readonly Summary[];
}

/** Pictures that each side lands before it is measured: libraries load, and connections open. */
const WARM_UP = 4;

/** Lands the same pictures with each side in turn, as many times as there are rounds. */
export async function runLanding(options: LandingOptions): Promise<LandingResult> {
  const { rounds, pictures: count, inFlight, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const sink = await startSink();
  const sides: Side[] = [];
  try {
    const pictures = await makePictures(folder, count, options.scale ?? 1);
    const lanes = options.lanes ?? availableParallelism();
    const { only, profileFolder } = options;
    for await (const side of openSides({ folder, sink, lanes, only, profileFolder, say })) sides.push(side);
    for (const side of sides) await measure(side, sink, pictures.slice(0, WARM_UP), inFlight);
    const samples = await inRounds(options, sides, (side) => measure(side, sink, pictures, inFlight));
    return {
      ...circumstances(),
      options: { rounds, pictures: count, inFlight },
      ...summarize(sides, samples),
    };
  } finally {
    for (const side of sides.toReversed()) await side.stop();
    await sink.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
