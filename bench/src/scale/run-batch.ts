import type { Batch } from '@pixdock/contract/batch';
import type { Stack } from '@pixdock/e2e/harness/stack';
import type { Level, Meter, Spent } from './meter.js';
import type { Rows } from './rows.js';
import { type Watched, watch } from './watch.js';

/** An accepted batch. */
export interface Accepted {
  batch: Batch;
  rows: Pick<Rows, 'name' | 'total'>;
  /** Time from the first row sent to the 202. */
  acceptSeconds: number;
  /** Highest levels while the rows were sent. */
  accepting: Level;
  before: Spent;
}

export interface BatchRun extends Watched {
  total: number;
  acceptSeconds: number;
  /** Time from the 202 until the batch was finished. */
  runSeconds: number;
  accepting: Level;
  /** Resources used from the first row sent until the batch was finished. */
  peak: Level;
  spent: Spent;
}

export interface Parts {
  stack: Stack;
  meter: Meter;
  say: (line: string) => void;
  signal: AbortSignal;
}

const SAY_EVERY_MS = 30_000;

/** Submits a batch and measures the submission. */
export async function accept(
  { stack, meter, say, signal }: Parts,
  rows: Accepted['rows'],
  send: (stack: Stack, signal: AbortSignal) => Promise<Batch>,
): Promise<Accepted> {
  const before = await meter.spent();
  await meter.peak();
  const start = performance.now();
  const batch = await send(stack, signal);
  const acceptSeconds = (performance.now() - start) / 1000;
  say(`${rows.name}: ${rows.total} rows accepted in ${acceptSeconds.toFixed(1)} s`);
  return { batch, rows, acceptSeconds, accepting: await meter.peak(), before };
}

/** Follows a batch to its end and measures the run. */
export async function follow({ stack, meter, say, signal }: Parts, accepted: Accepted): Promise<BatchRun> {
  const { batch, rows, acceptSeconds, accepting, before } = accepted;
  const start = performance.now();
  let saidAt = Date.now();
  const watched = await watch(stack, batch, tell, signal);
  const runSeconds = (performance.now() - start) / 1000;
  say(`${rows.name}: ended after ${runSeconds.toFixed(1)} s`);
  return {
    ...watched,
    total: rows.total,
    acceptSeconds,
    runSeconds,
    accepting,
    peak: merged(accepting, await meter.peak(), Math.max),
    spent: merged(await meter.spent(), before, (a, b) => a - b),
  };

  function tell({ progress, itemsPerSecond, etaSeconds }: Batch): void {
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    say(`${rows.name}: ${(progress * 100).toFixed(1)} %, ${itemsPerSecond} a second, ${etaSeconds} s left`);
  }
}

function merged<T extends Level | Spent>(a: T, b: T, merge: (a: number, b: number) => number): T {
  const names = Object.keys(a) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, merge(Number(a[name]), Number(b[name]))])) as never;
}
