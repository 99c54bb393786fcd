import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '../harness/stack.js';
import { cpuOfTree, type KindCpu } from './cpu.js';
import type { Decoder } from './decoders/decoder.js';
import { type Judged, judge } from './judge.js';
import { send } from './send.js';
import { groupByKind, type SourceFile } from './sources.js';

export interface FidelityOptions {
  sources: readonly SourceFile[];
  decoder: Decoder;
  profile: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

export interface FidelityResult {
  judged: Judged[];
  /** Names and codes of the sources that the service refused. */
  refused: [name: string, code: string][];
  /** Names of the published images that could not be compared, and why. */
  notCompared: [name: string, reason: string][];
  cpu: KindCpu[];
}

/** While one image is compared, the service works on others. */
const IMAGES_AT_ONCE = 4;
const SAY_EVERY = 100;

/** Sends all sources through a new stack and compares what it publishes. */
export async function runFidelity(options: FidelityOptions): Promise<FidelityResult> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-fidelity-'));
  const stack = await startStack();
  try {
    return await sendAll(stack, folder, options);
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function sendAll(stack: Stack, folder: string, options: FidelityOptions): Promise<FidelityResult> {
  const { sources, decoder, profile, say, signal } = options;
  const result: FidelityResult = { judged: [], refused: [], notCompared: [], cpu: [] };
  let done = 0;
  // Images of one kind at a time, so that the worker's CPU time belongs to it.
  for (const [kind, group] of groupByKind(sources)) {
    const before = cpuOfTree(stack.worker.pid);
    const waiting = group.values();
    await Promise.all(Array.from({ length: IMAGES_AT_ONCE }, () => work(waiting)));
    result.cpu.push({ kind, images: group.length, seconds: cpuOfTree(stack.worker.pid) - before });
  }
  result.judged.sort((a, b) => (a.name < b.name ? -1 : 1));
  return result;

  async function work(waiting: Iterable<SourceFile>): Promise<void> {
    for (const source of waiting) {
      signal.throwIfAborted();
      const sent = await send(stack, source, profile, folder);
      if (typeof sent === 'string') result.refused.push([source.name, sent]);
      else
        await judge(decoder, source, sent).then(
          (judged) => result.judged.push(judged),
          (error: Error) => result.notCompared.push([source.name, error.message]),
        );
      if (++done % SAY_EVERY === 0) say(`${done} of ${sources.length}`);
    }
  }
}
