import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { makePictures } from '../landing/pictures.js';
import { median } from '../landing/summarize.js';
import { startDecoder } from './decoder-alone.js';
import type { Renderer } from './renderer.js';
import { startInstallation } from './whole-service.js';

export interface RenderOptions {
  /** Checkouts that are built. The first is the yardstick. */
  checkouts: readonly string[];
  /** Whether API, worker, decoders and Redis are measured, not the decoder alone. */
  isWhole: boolean;
  /** A folder of images, with its folders; null for the generated pictures. */
  images: string | null;
  profile: string;
  rounds: number;
  /** How many pictures to generate, and the factor on their width and height. */
  pictures?: number;
  scale?: number;
  say: (line: string) => void;
}

/** The images of one extension, or `all` of them. */
export interface KindResult {
  kind: string;
  images: number;
  /** CPU time of each checkout, in ms for each image: the median of the rounds. */
  msPerImage: number[];
  /** The medians of its ratios to the first checkout in the same round. */
  ratios: number[];
}

/** Renders the same images with each checkout in turn. */
export async function measureRender(options: RenderOptions): Promise<KindResult[]> {
  const { checkouts, isWhole, images, profile, rounds, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const renderers: Renderer[] = [];
  const start = isWhole ? startInstallation : startDecoder;
  try {
    if (images === null) await makePictures(folder, options.pictures ?? 20, options.scale ?? 1);
    const kinds = await imagesByKind(images ?? folder);
    for (const [i, checkout] of checkouts.entries())
      renderers.push(await start(checkout, join(folder, `checkout-${i}`), profile));
    for (const renderer of renderers) await renderer.render([...kinds.values()].map(([first = '']) => first));
    const results: KindResult[] = [];
    for (const [kind, paths] of kinds) {
      const samples: number[][] = [];
      for (let round = 1; round <= rounds; round++) {
        say(`${kind}: round ${round} of ${rounds}`);
        const ofRound: number[] = [];
        for (const renderer of renderers) ofRound.push((await renderer.render(paths)) / paths.length);
        samples.push(ofRound);
      }
      results.push({ kind, images: paths.length, ...summaryOf(samples, checkouts.length) });
    }
    return [...results, together(results, checkouts.length)];
  } finally {
    for (const renderer of renderers) await renderer.stop();
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

function together(kinds: readonly KindResult[], checkouts: number): KindResult {
  const images = kinds.reduce((sum, kind) => sum + kind.images, 0);
  const msPerImage = Array.from(
    { length: checkouts },
    (_, i) => kinds.reduce((sum, kind) => sum + (kind.msPerImage[i] ?? Number.NaN) * kind.images, 0) / images,
  );
  const [yardstick = Number.NaN] = msPerImage;
  return { kind: 'all', images, msPerImage, ratios: msPerImage.map((ms) => ms / yardstick) };
}
