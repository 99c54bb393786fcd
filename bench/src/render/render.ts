import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { cpuSeconds } from '@pixdock/e2e/harness/process-stats';
import { makePictures } from '../landing/pictures.js';
import { kill, startNodeServer } from '../landing/sides/node-server.js';
import { median } from '../landing/summarize.js';

export interface RenderOptions {
  /** Checkouts that are built. The first is the yardstick. */
  checkouts: readonly string[];
  /** A folder of images, with its folders; null for the generated pictures. */
  images: string | null;
  profile: string;
  rounds: number;
  /** How many pictures to generate, and the factor on their width and height. */
  pictures?: number;
  scale?: number;
  say: (line: string) => void;
}

/** The images of one extension. */
export interface KindResult {
  kind: string;
  images: number;
  /** CPU time of each checkout's decoder, in ms for each image: the median of the rounds. */
  msPerImage: number[];
  /** The medians of its ratios to the first checkout in the same round. */
  ratios: number[];
}

/** Renders the same images with the decoder of each checkout in turn. */
export async function measureRender(options: RenderOptions): Promise<KindResult[]> {
  const { checkouts, images, profile, rounds, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const decoders: Decoder[] = [];
  try {
    if (images === null) await makePictures(folder, options.pictures ?? 20, options.scale ?? 1);
    const kinds = await imagesByKind(images ?? folder);
    for (const [i, checkout] of checkouts.entries())
      decoders.push(await startDecoder(checkout, join(folder, `decoder-${i}`), profile));
    for (const decoder of decoders) await decoder.render([...kinds.values()].map(([first = '']) => first));
    const results: KindResult[] = [];
    for (const [kind, paths] of kinds) {
      const samples: number[][] = [];
      for (let round = 1; round <= rounds; round++) {
        say(`${kind}: round ${round} of ${rounds}`);
        const ofRound: number[] = [];
        for (const decoder of decoders) ofRound.push((await decoder.render(paths)) / paths.length);
        samples.push(ofRound);
      }
      results.push({ kind, images: paths.length, ...summaryOf(samples, checkouts.length) });
    }
    return results;
  } finally {
    for (const decoder of decoders) await decoder.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function imagesByKind(folder: string): Promise<Map<string, string[]>> {
  const kinds = new Map<string, string[]>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const kind = extname(entry.name).slice(1).toLowerCase();
    kinds.set(kind, [...(kinds.get(kind) ?? []), join(entry.parentPath, entry.name)]);
  }
  return kinds;
}

interface Decoder {
  /** CPU time in ms that the decoder takes for all of them. */
  render(paths: readonly string[]): Promise<number>;
  stop(): Promise<void>;
}

async function startDecoder(checkout: string, folder: string, profile: string): Promise<Decoder> {
  const env = { CHECKOUT: checkout, FOLDER: folder, PROFILE: profile };
  const { child, pid } = await startNodeServer(new URL('./decoder.mjs', import.meta.url), env);
  return {
    async render(paths) {
      const before = cpuSeconds(pid).own;
      for (const [order, path] of paths.entries()) await renderOne(child, order, path);
      return (cpuSeconds(pid).own - before) * 1000;
    },
    stop: () => kill(child),
  };
}

async function renderOne(child: ChildProcess, order: number, path: string): Promise<void> {
  const done = once(child, 'message');
  child.send({ order, path });
  const [{ type }] = (await done) as [{ type: string }];
  if (type !== 'rendered' && type !== 'refused') throw new Error(`${path}: ${type}`);
}

function summaryOf(
  samples: readonly (readonly number[])[],
  checkouts: number,
): Pick<KindResult, 'msPerImage' | 'ratios'> {
  const of = (value: (round: readonly number[], checkout: number) => number) =>
    Array.from({ length: checkouts }, (_, i) => median(samples.map((round) => value(round, i))));
  return {
    msPerImage: of((round, i) => round[i] ?? Number.NaN),
    ratios: of((round, i) => (round[i] ?? Number.NaN) / (round[0] ?? Number.NaN)),
  };
}
