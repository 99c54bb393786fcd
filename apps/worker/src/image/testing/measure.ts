import { readFile, writeFile } from 'node:fs/promises';
import { childrenOf } from '@pixdock/shared/testing/processes';
import { type Bench, type RenderOptions } from './bench.js';

export interface Cost {
  /** `rendered`, or the code of the refusal. */
  outcome: string;
  ms: number;
  /** Increase of the child's peak resident memory. */
  peakMib: number;
}

/** Renders on a bench with one lane and measures the child's time and memory. Works only on Linux. */
export async function measure(bench: Bench, source: Buffer, options: RenderOptions = {}): Promise<Cost> {
  const [child = 0] = childrenOf();
  // Resets VmHWM (proc_pid_clear_refs(5)).
  await writeFile(`/proc/${child}/clear_refs`, '5');
  const before = await peakOf(child);
  const since = performance.now();
  const outcome = await bench.refusal(source, options);
  const ms = performance.now() - since;
  return { outcome, ms, peakMib: (await peakOf(child)) - before };
}

async function peakOf(child: number): Promise<number> {
  const status = await readFile(`/proc/${child}/status`, 'latin1').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
