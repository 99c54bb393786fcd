import { readFile, writeFile } from 'node:fs/promises';
import { type Bench, childrenOf, type RenderOptions } from './bench.js';

export interface Cost {
  /** `rendered`, or the code of the refusal. */
  outcome: string;
  ms: number;
  /** What the child's resident memory rose to meanwhile, above what it had kept of earlier images. */
  peakMib: number;
}

/** Renders on a bench of one lane, and tells what that cost the child. Only Linux can tell. */
export async function measure(bench: Bench, source: Buffer, given: RenderOptions = {}): Promise<Cost> {
  const [child = 0] = await childrenOf();
  // Starts VmHWM anew (proc_pid_clear_refs(5)).
  await writeFile(`/proc/${child}/clear_refs`, '5');
  const before = await peakOf(child);
  const since = performance.now();
  const outcome = await bench.refusal(source, given);
  const ms = performance.now() - since;
  return { outcome, ms, peakMib: (await peakOf(child)) - before };
}

async function peakOf(child: number): Promise<number> {
  const status = await readFile(`/proc/${child}/status`, 'latin1').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
