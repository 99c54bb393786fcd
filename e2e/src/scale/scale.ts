import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { checkOutcomes } from './check-outcomes.js';
import { checkRun } from './check-run.js';
import { type Check, openChecks } from './checks.js';
import { type Meter, startMeter } from './meter.js';
import { numbersOf } from './numbers.js';
import type { Rows } from './rows.js';
import { accept, type BatchRun, follow } from './run-batch.js';
import { type SingleUploads, uploadSingly } from './single-uploads.js';
import { type Sources, startSources } from './sources.js';

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
const ROW_MS = 100;
/** Before the lanes and all code are warm, times tell nothing. */
const WARM_UP = 10;

/** Runs a small and a large batch in a stack of their own and compares what came of them with what was promised. */
export async function runScale(options: ScaleOptions): Promise<ScaleResult> {
  const sources = await startSources();
  try {
    const stack = await startStack({ SOURCE_ALLOW: sources.allow });
    const meter = startMeter(stack);
    try {
      return await runIn({ stack, sources, meter }, options);
    } finally {
      await meter.stop();
      await stack.stop();
    }
  } finally {
    await sources.stop();
  }
}

interface Running {
  stack: Stack;
  sources: Sources;
  meter: Meter;
}

async function runIn(running: Running, options: ScaleOptions): Promise<ScaleResult> {
  const { rows: total, levelRows, seed, hasSlow, say } = options;
  const { stack, sources } = running;
  const { origins } = sources;
  const deadline = AbortSignal.timeout(DEADLINE_MS + (total + levelRows) * ROW_MS);
  const signal = AbortSignal.any([options.signal, deadline]);
  const small: Rows = { name: 'small', total: levelRows, seed, origins, hasSlow: false };
  const large: Rows = { name: 'large', total, seed, origins, hasSlow };
  for (const rows of [small, large]) sources.provide(rows);
  say(`${total} rows, seed ${seed}`);
  const { measured, urls } = await measure(running, { small, large }, { ...options, signal });
  const checks = openChecks(say);
  checkRun(checks, measured);
  const batches = [
    [measured.level, small],
    [measured.large, large],
  ] as const;
  await checkOutcomes(checks, { stack, sources, batches, urls });
  return { checks: checks.all, numbers: numbersOf(measured) };
}

async function measure(
  { stack, meter }: Running,
  { small, large }: { small: Rows; large: Rows },
  { singleUploads, say, signal }: ScaleOptions,
): Promise<{ measured: Measured; urls: string[] }> {
  const parts = { stack, meter, say, signal };
  const picture = await photo();
  const warm = await uploadSingly(stack, picture, WARM_UP);
  const idle = await uploadSingly(stack, picture, singleUploads);
  const level = await follow(parts, await accept(parts, small));
  const accepted = await accept(parts, large);
  const ended = new AbortController();
  const [run, busy] = await Promise.all([
    follow(parts, accepted).finally(() => ended.abort()),
    uploadSingly(stack, picture, singleUploads, ended.signal),
  ]);
  return {
    measured: { idle, busy, level, large: run },
    urls: [warm, idle, busy].flatMap(({ urls }) => urls),
  };
}
