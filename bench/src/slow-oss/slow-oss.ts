import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { measure } from '../landing/measure.js';
import { pictureAt } from '../landing/pictures.js';
import { PIXDOCK } from '../landing/sides/all.js';
import { openStage, type StageOptions } from '../landing/stage.js';
import { median } from '../landing/summarize.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { openChecks } from '../scale/checks.js';

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

export interface SlowOssOptions extends StageOptions {
  rounds: number;
  pictures: number;
  /** Uploads that wait for their URL at the same time; more than the worker can have in progress. */
  inFlight: number;
  latenciesMs: readonly number[];
  /** A side of `pnpm bench`. */
  sideName: string;
  say: (line: string) => void;
}

/** Medians over the rounds. */
export interface AtLatency {
  latencyMs: number;
  imagesPerSecond: number;
  /** To the rate without latency in the same round. */
  ratio: number;
  msPerImage: number;
}

export interface SlowOssResult extends Circumstances {
  rows: readonly AtLatency[];
}

const WARM_UP = 8;

/** Lands the same pictures with an OSS that responds at once, and with slow ones. */
export async function runSlowOss(options: SlowOssOptions): Promise<SlowOssResult> {
  const { rounds, pictures: count, inFlight, latenciesMs, sideName, say } = options;
  const how = PIXDOCK.find(({ name }) => name === sideName);
  if (how === undefined)
    throw new TypeError(`${sideName} is not one of ${PIXDOCK.map(({ name }) => name).join(', ')}`);
  await using stage = await openStage(how, options);
  const { sink, side } = stage;
  const pictures = Array.from({ length: count }, (_, i) => pictureAt(stage.pictures, i));
  await measure(side, sink, pictures.slice(0, WARM_UP), inFlight);
  const samples = new Map<number, { rate: number; ratio: number; msPerImage: number }[]>();
  for (let round = 1; round <= rounds; round++) {
    let rateAtOnce = Number.NaN;
    for (const latencyMs of [0, ...latenciesMs]) {
      say(`round ${round} of ${rounds}: ${latencyMs} ms`);
      sink.setLatency(latencyMs);
      const { imagesPerSecond: rate, msPerImage } = await measure(side, sink, pictures, inFlight);
      if (latencyMs === 0) rateAtOnce = rate;
      const sample = { rate, ratio: rate / rateAtOnce, msPerImage };
      samples.set(latencyMs, [...(samples.get(latencyMs) ?? []), sample]);
    }
  }
  // The services stop while OSS responds at once.
  sink.setLatency(0);
  return {
    ...circumstances(),
    rows: [...samples].map(([latencyMs, ofLatency]) => ({
      latencyMs,
      imagesPerSecond: median(ofLatency.map(({ rate }) => rate)),
      ratio: median(ofLatency.map(({ ratio }) => ratio)),
      msPerImage: median(ofLatency.map(({ msPerImage }) => msPerImage)),
    })),
  };
}
