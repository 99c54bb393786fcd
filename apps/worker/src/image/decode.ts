import type { Profile } from '@pixdock/contract/profile';
import sharp, { type Sharp } from 'sharp';
import { type Base, baseFromStrip } from './base.js';
import { damageRefusal } from './checks.js';
import { isSrgbProfile } from './colour/srgb-profile.js';
import { decodeHeic } from './decode-heic.js';
import { decodeStill } from './decode-still.js';
import { framesOf, joinFrames } from './frames.js';
import { isSame, type Size } from './geometry.js';
import { checkPixels, type Inspected, type SourceFile } from './inspect.js';
import { hasUsableProfile } from './metadata.js';
import { toStrip } from './to-strip.js';
import type { ImageLimits } from './types.js';

/** Decodes every pixel that the variants use, once. @throws Refusal when the file is truncated or damaged */
export async function decode(
  { path, bytes }: SourceFile,
  inspected: Inspected,
  size: Size,
  frames: number,
  profile: Profile,
  limits: ImageLimits,
): Promise<Base> {
  const warnings: string[] = [];
  const source =
    inspected.heic === null ? (inspected.rewritten ?? path) : await decodeHeic(inspected, limits);
  const ignoreIcc =
    Boolean(inspected.signalled?.profile) ||
    !hasUsableProfile(inspected.metadata) ||
    (await isSrgbProfile(inspected.metadata));
  const open: OpenPages = (page, pages) =>
    sharp(source, {
      failOn: 'error',
      limitInputPixels: frames > 1 ? limits.maxAnimationPixels : limits.maxPixels,
      ignoreIcc,
      page,
      pages,
    }).on('warning', (warning: string) => warnings.push(warning));
  const decoding =
    frames > 1 ? decodeFrames(open, inspected, size) : decodeStill(open(0, 1), inspected, size, profile);
  const base = await decoding.catch(() => {
    throw damageRefusal(bytes, inspected.format);
  });
  if (inspected.format === 'jpeg') await checkPixels(bytes, warnings);
  return base;
}

/** Opens `pages` frames from `page` on. */
type OpenPages = (page: number, pages: number) => Sharp;

/** An animation is decoded in chunks of frames. Each chunk decodes every earlier frame again, so there are at most MAX_CHUNKS. */
const CHUNK_PIXELS = 16_000_000;
const MAX_CHUNKS = 5;

// Only the scaled frames and one chunk of frames of the source are in memory together.
async function decodeFrames(
  open: OpenPages,
  { width, height, frames }: Inspected,
  size: Size,
): Promise<Base> {
  if (isSame(size, { width, height })) return baseFromStrip(await toStrip(open(0, frames), frames));
  const chunk = Math.max(Math.floor(CHUNK_PIXELS / (width * height)), Math.ceil(frames / MAX_CHUNKS));
  return baseFromStrip(await joinFrames(frames, scaledFrames(open, frames, chunk, size)));
}

async function* scaledFrames(
  open: OpenPages,
  frames: number,
  chunk: number,
  size: Size,
): AsyncGenerator<Sharp> {
  for (let page = 0; page < frames; page += chunk) {
    const pages = Math.min(chunk, frames - page);
    const strip = await toStrip(open(page, pages), pages);
    yield* framesOf(strip, (frame) => frame.resize({ ...size, fit: 'fill' }));
  }
}
