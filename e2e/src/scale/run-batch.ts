import type { Batch } from '@pixdock/shared/contract/batch';
import type { Stack } from '../harness/stack.js';
import type { Level, Meter, Spent } from './meter.js';
import type { Rows } from './rows.js';
import { submit } from './submit.js';
import { type Watched, watch } from './watch.js';

export interface BatchRun extends Watched {
  total: number;
  /** From the first row sent to the 202. */
  acceptSeconds: number;
  /** From there until it was finished. */
  runSeconds: number;
  /** While the rows were sent. */
  accepting: Level;
  /** From the first row sent until it was finished. */
  peak: Level;
  spent: Spent;
}

interface Hooks {
  say: (line: string) => void;
  onAccepted: () => void;
  signal: AbortSignal;
}

const SAY_EVERY_MS = 30_000;

/** Submits a batch and follows it to its end, and measures both. */
export async function runBatch(stack: Stack, meter: Meter, rows: Rows, hooks: Hooks): Promise<BatchRun> {
  const { say, signal, onAccepted } = hooks;
  const before = await meter.spent();
  await meter.peak();
  const start = performance.now();
  const accepted = await submit(stack, rows, signal);
  const acceptSeconds = (performance.now() - start) / 1000;
  const accepting = await meter.peak();
  say(`${rows.name}: ${rows.total} rows accepted in ${acceptSeconds.toFixed(1)} s`);
  onAccepted();
  let saidAt = Date.now();
  const watched = await watch(stack, accepted, tell, signal);
  const runSeconds = (performance.now() - start) / 1000 - acceptSeconds;
  say(`${rows.name}: finished in ${runSeconds.toFixed(1)} s`);
  const after = await meter.spent();
  const running = await meter.peak();
  return {
    ...watched,
    total: rows.total,
    acceptSeconds,
    runSeconds,
    accepting,
    peak: merged(accepting, running, Math.max),
    spent: merged(after, before, (a, b) => a - b),
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
