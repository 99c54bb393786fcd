import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { checkOutcomes } from './check-outcomes.js';
import { checkRun } from './check-run.js';
import { type Check, openChecks } from './checks.js';
import { type Meter, startMeter } from './meter.js';
import { numbersOf } from './numbers.js';
import type { Rows } from './rows.js';
import { type BatchRun, runBatch } from './run-batch.js';
import { type SingleUploads, uploadSingly } from './single-uploads.js';
import { startSources } from './sources.js';

export interface ScaleOptions {
  rows: number;
  /** Rows of the batch whose memory the large one's is compared with. */
  levelRows: number;
  singleUploads: number;
  seed: number;
  /** Whether some sources of the large batch drop or stall each time they are asked. */
  hasSlow: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
}

export interface ScaleResult {
  checks: readonly Check[];
  numbers: readonly (readonly [name: string, value: string])[];
}

/** All that was measured. */
export interface Measured {
  idle: SingleUploads;
  busy: SingleUploads;
  level: BatchRun;
  large: BatchRun;
}

/** What it takes to start and to read the results, and the slowest rate that is worth waiting for. */
const DEADLINE_MS = 5 * 60_000;
const ROW_MS = 200;
/** Before the lanes and all code are warm, times tell nothing. */
const WARM_UP = 10;

/** Runs a small and a large batch in a stack of their own and compares what came of them with what was promised. */
export async function runScale(options: ScaleOptions): Promise<ScaleResult> {
  const { rows: total, levelRows, seed, hasSlow, say } = options;
  const deadline = AbortSignal.timeout(DEADLINE_MS + (total + levelRows) * ROW_MS);
  const signal = AbortSignal.any([options.signal, deadline]);
  const sources = await startSources();
  const stack = await startStack({ SOURCE_ALLOW: sources.allow });
  const meter = startMeter(stack);
  const checks = openChecks(say);
  try {
    const { origins } = sources;
    const small: Rows = { name: 'small', total: levelRows, seed, origins, hasSlow: false };
    const large: Rows = { name: 'large', total, seed, origins, hasSlow };
    for (const rows of [small, large]) sources.provide(rows);
    say(`${total} rows, seed ${seed}`);
    const { measured, urls } = await measure(stack, meter, { small, large }, options, signal);
    checkRun(checks, measured);
    await checkOutcomes(checks, {
      stack,
      sources,
      batches: [
        [measured.level, small],
        [measured.large, large],
      ],
      urls,
    });
    return { checks: checks.all, numbers: numbersOf(measured) };
  } finally {
    await meter.stop();
    await stack.stop();
    await sources.stop();
  }
}

async function measure(
  stack: Stack,
  meter: Meter,
  { small, large }: { small: Rows; large: Rows },
  { singleUploads, say }: ScaleOptions,
  signal: AbortSignal,
): Promise<{ measured: Measured; urls: string[] }> {
  const picture = await photo();
  const always = () => true;
  const warm = await uploadSingly(stack, picture, WARM_UP, always);
  const idle = await uploadSingly(stack, picture, singleUploads, always);
  const level = await runBatch(stack, meter, small, { say, signal, onAccepted: () => {} });
  let isRunning = true;
  let uploading: Promise<SingleUploads> = uploadSingly(stack, picture, 0, always);
  const run = await runBatch(stack, meter, large, {
    say,
    signal,
    onAccepted: () => {
      uploading = uploadSingly(stack, picture, singleUploads, () => isRunning);
      // Its fault is met where it is awaited.
      uploading.catch(() => {});
    },
  });
  isRunning = false;
  const busy = await uploading;
  return {
    measured: { idle, busy, level, large: run },
    urls: [warm, idle, busy].flatMap(({ urls }) => urls),
  };
}
