import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Circumstances, circumstances } from '../command/machine.js';
import { measure } from '../landing/measure.js';
import { makePictures, pictureAt } from '../landing/pictures.js';
import { PIXDOCK } from '../landing/sides/all.js';
import { pixdockSide, startPixdock } from '../landing/sides/pixdock.js';
import { startSink } from '../landing/sink.js';
import { median } from '../landing/summarize.js';

export interface SlowOssOptions {
  rounds: number;
  pictures: number;
  /** Uploads that wait for their URL at the same time; more than the worker can have in progress. */
  inFlight: number;
  latenciesMs: readonly number[];
  /** A side of `pnpm bench`. */
  sideName: string;
  lanes?: number;
  scale?: number;
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

/** Different pictures; more take long to generate. */
const DIFFERENT = 20;
const WARM_UP = 8;

/** Lands the same pictures with an OSS that responds at once, and with slow ones. */
export async function runSlowOss(options: SlowOssOptions): Promise<SlowOssResult> {
  const { rounds, pictures: count, inFlight, latenciesMs, sideName, say } = options;
  const how = PIXDOCK.find(({ name }) => name === sideName);
  if (how === undefined)
    throw new TypeError(`${sideName} is not one of ${PIXDOCK.map(({ name }) => name).join(', ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const sink = await startSink();
  const lanes = options.lanes ?? availableParallelism();
  const installation = await startPixdock({ folder, sink, lanes });
  const side = pixdockSide(how, installation, true);
  try {
    const different = await makePictures(folder, Math.min(count, DIFFERENT), options.scale ?? 1);
    const pictures = Array.from({ length: count }, (_, i) => pictureAt(different, i));
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
    return {
      ...circumstances(),
      rows: [...samples].map(([latencyMs, ofLatency]) => ({
        latencyMs,
        imagesPerSecond: median(ofLatency.map(({ rate }) => rate)),
        ratio: median(ofLatency.map(({ ratio }) => ratio)),
        msPerImage: median(ofLatency.map(({ msPerImage }) => msPerImage)),
      })),
    };
  } finally {
    sink.setLatency(0);
    await side.stop();
    await sink.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
