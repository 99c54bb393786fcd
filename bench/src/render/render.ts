import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { makePictures } from '../landing/pictures.js';
import { median } from '../landing/summarize.js';
import { startDecoder } from './decoder-alone.js';
import { makeGraphics } from './graphics.js';
import type { Renderer } from './renderer.js';
import { startInstallation } from './whole-service.js';

export interface RenderOptions {
  /** Checkouts that are built. The first is the yardstick. */
  checkouts: readonly string[];
  /** Whether API, worker, decoders and Redis are measured, not the decoder alone. */
  isWhole: boolean;
  /** A folder of images, with its folders; null for generated photographs and graphics. */
  images: string | null;
  profile: string;
  rounds: number;
  /** How many photographs to generate, and the factor on the width and height of all pictures. */
  photographs?: number;
  scale?: number;
  say: (line: string) => void;
}

/** The generated images of one kind, the images of one extension, or `all` of them. */
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
    const kinds = images === null ? await generate(folder, options) : await imagesByExtension(images);
    for (const [i, checkout] of checkouts.entries())
      renderers.push(await start(checkout, join(folder, `checkout-${i}`), profile));
    const first = firstOfEach([...kinds.values()].flat());
    for (const renderer of renderers) await renderer.render(first);
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

type Kinds = Map<string, string[]>;

async function generate(
  folder: string,
  { photographs = 20, scale = 1 }: Pick<RenderOptions, 'photographs' | 'scale'>,
): Promise<Kinds> {
  const folders = { photographs: join(folder, 'photographs'), graphics: join(folder, 'graphics') };
  for (const path of Object.values(folders)) await mkdir(path);
  const pictures = await makePictures(folders.photographs, photographs, scale);
  return new Map([
    ['photographs', pictures.map(({ path }) => path)],
    ['graphics', await makeGraphics(folders.graphics, scale)],
  ]);
}

async function imagesByExtension(folder: string): Promise<Kinds> {
  const kinds: Kinds = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const kind = extensionOf(entry.name);
    kinds.set(kind, [...(kinds.get(kind) ?? []), join(entry.parentPath, entry.name)]);
  }
  return kinds;
}

const extensionOf = (name: string) => extname(name).slice(1).toLowerCase();

/** The first image of each extension: the first one that a process renders takes longer. */
function firstOfEach(paths: readonly string[]): string[] {
  const reversed = paths.toReversed().map((path) => [extensionOf(path), path] as const);
  return [...new Map(reversed).values()];
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
