import { uploadAndWait } from '@pixdock/e2e/harness/client';
import { encodeHeic, findOrInstallHeif, heicDecoders } from '@pixdock/e2e/harness/heif-enc';
import { cpuSeconds } from '@pixdock/e2e/harness/process-stats';
import { startStack } from '@pixdock/e2e/harness/stack';
import { HEIC_WASM } from '@pixdock/shared/runtime/heic-decoder';
import { descendants } from '@pixdock/shared/testing/processes';
import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { cameraScene, makeTiles } from '../landing/scene.js';
import { type Columns, markdownTable } from '../landing/table.js';

const COLUMNS: Columns<Cost> = [
  ['source', ({ source }) => source],
  ['KiB', ({ kib }) => kib.toFixed(0)],
  ['CPU ms of the worker', ({ workerMs }) => workerMs.toFixed(0)],
];

export const heic = bench({
  options: { images: 10 },
  measure: ({ images }) => measureHeic({ images, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.costs)}`,
});

export interface HeicOptions {
  images: number;
  /** Size of the picture, in pixels. */
  width?: number;
  height?: number;
  say: (line: string) => void;
}

export interface Cost {
  source: string;
  kib: number;
  /** CPU time of the worker and all its processes for an image with the profile `default`. */
  workerMs: number;
}

export interface HeicResult extends Circumstances {
  costs: readonly Cost[];
}

/** As phones write them: tiles of 512 pixels. */
const TILES = ['--cut-tiles', '512'];

/** Publishes one picture as JPEG, and as HEIC of 8 and of 10 bits with each decoder, one image after the other. */
export async function measureHeic({
  images,
  width = 4032,
  height = 3024,
  say,
}: HeicOptions): Promise<HeicResult> {
  await findOrInstallHeif(say);
  const scene = await cameraScene(await makeTiles(), width, height);
  const jpeg = await scene.clone().jpeg({ quality: 92 }).toBuffer();
  const png = await scene.clone().png({ compressionLevel: 1 }).toBuffer();
  const deep = await scene.clone().toColourspace('rgb16').png({ compressionLevel: 1 }).toBuffer();
  const eight = ['HEIC, 8 bits', await encodeHeic([png], '-q', '60', ...TILES)] as const;
  const ten = ['HEIC, 10 bits', await encodeHeic([deep], '-q', '60', '-b', '10', ...TILES)] as const;
  const costs: Cost[] = [];
  for (const decoder of heicDecoders())
    await measure(decoder, decoder === HEIC_WASM ? [eight, ten] : [['JPEG', jpeg], eight, ten]);
  return { ...circumstances(), costs };

  async function measure(decoder: string, sources: readonly (readonly [string, Buffer])[]): Promise<void> {
    await using stack = await openStack(decoder);
    for (const [format, bytes] of sources) {
      const source = decoder === HEIC_WASM ? `${format}, \`wasm\`` : format;
      say(source);
      await uploadAndWait(stack, bytes);
      const before = spentBy(stack.worker.pid);
      for (let i = 0; i < images; i++) await uploadAndWait(stack, bytes);
      const workerMs = ((spentBy(stack.worker.pid) - before) / images) * 1000;
      costs.push({ source, kib: bytes.length / 1024, workerMs });
    }
  }
}

async function openStack(decoder: string) {
  const stack = await startStack({ HEIC_DECODER: decoder, WORKER_CONCURRENCY: '1' });
  return { ...stack, [Symbol.asyncDispose]: () => stack.stop() };
}

function spentBy(worker: number): number {
  return [worker, ...descendants(worker)]
    .map(cpuSeconds)
    .reduce((sum, { own, ended }) => sum + own + ended, 0);
}
