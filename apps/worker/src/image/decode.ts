import type { Profile } from '@pixdock/contract/profile';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { cmykToRgb } from './colour/cmyk.js';
import { withProfile } from './colour/png-profile.js';
import { isSrgbProfile } from './colour/srgb-profile.js';
import { eachFrame, frameOf, framesOf, joinFrames, openStrip, type Strip } from './frames.js';
import { isSame, type Size, type Target } from './geometry.js';
import { checkPixels, damageRefusal, type Inspected, type SourceFile } from './inspect.js';
import { hasUsableProfile, isWideGamut } from './metadata.js';
import type { ImageLimits } from './types.js';

/** The decoded image, upright, at the largest scale that a variant needs. All variants are encoded from it. */
export interface Base {
  /** A new pipeline that produces `target` from all frames or from the first. */
  open(target: Target, frames: 'all' | 'first'): Promise<Sharp>;
  /** The same pixels; null if the base is wide. */
  strip(target: Target, frames: 'all' | 'first'): Promise<Strip | null>;
  size: Size;
  frames: number;
  /** Whether the base is Display P3 instead of sRGB. Pipelines keep P3 only with `keepIccProfile`. */
  wide: boolean;
}

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
  const ignoreIcc =
    Boolean(inspected.signalled?.profile) ||
    !hasUsableProfile(inspected.metadata) ||
    (await isSrgbProfile(inspected.metadata));
  const open: OpenPages = (page, pages) =>
    sharp(inspected.rewritten ?? path, {
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

async function decodeStill(
  source: Sharp,
  inspected: Inspected,
  size: Size,
  { colorSpace }: Profile,
): Promise<Base> {
  const { metadata, orientation } = inspected;
  const profile = inspected.signalled?.profile ?? null;
  let pipeline = orientation === 1 ? source : source.autoOrient();
  if (inspected.isPremultiplied) pipeline = await unpremultiply(pipeline);
  pipeline.resize({ ...size, fit: 'fill' });
  if (inspected.isLimitedGrey) expandRange(pipeline, metadata);
  if (metadata.space === 'cmyk' && !hasUsableProfile(metadata))
    return baseFromStrip(await convertCmyk(pipeline));
  if (profile !== null)
    pipeline = await applyProfile(profile, pipeline.toColourspace(metadata.space ?? 'srgb'));
  // Animations become sRGB, since a strip of raw frames cannot carry a profile.
  if (colorSpace === 'preserve' && isWideGamut(metadata)) return await wideGamutBase(pipeline, size);
  // sharp converts 16-bit colours to P3 and keeps them there by default.
  if (metadata.space === 'rgb16' && metadata.icc !== undefined)
    pipeline.withIccProfile('srgb', { attach: false });
  return baseFromStrip(await toStrip(pipeline, 1));
}

async function unpremultiply(pipeline: Sharp): Promise<Sharp> {
  const { pixels, size, channels } = await toStrip(pipeline, 1);
  return sharp(pixels, { raw: { ...size, channels, premultiplied: true }, limitInputPixels: false });
}

// sharp reads a profile only from a file, so embed it in an intermediate PNG.
async function applyProfile(profile: Buffer, pipeline: Sharp): Promise<Sharp> {
  const still = await pipeline.png({ compressionLevel: 0 }).toBuffer();
  return sharp(withProfile(still, profile), { limitInputPixels: false });
}

// libheif leaves monochrome in the range of video, 16 to 235 of 255. libvips shifts 10 and 12 bits up to 16.
function expandRange(pipeline: Sharp, { space }: Metadata): void {
  const [unit, max, rounding] = space === 'rgb16' ? [256, 65_535, 0] : [1, 255, 0.5];
  const scale = max / (219 * unit);
  pipeline.linear(scale, rounding - 16 * unit * scale);
}

// Without a profile, libvips assumes that of a printing press.
async function convertCmyk(pipeline: Sharp): Promise<Strip> {
  const { data, info } = await pipeline
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    pixels: cmykToRgb(data, info.channels),
    size: { width: info.width, height: info.height },
    channels: 3,
    frames: 1,
  };
}

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

async function toStrip(pipeline: Sharp, frames: number): Promise<Strip> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  if (height % frames !== 0) throw new Error('fewer frames than the header declares');
  const size = { width, height: height / frames };
  if (info.channels <= MAX_CHANNELS) return { pixels: data, size, channels: info.channels, frames };
  return { pixels: withoutFurtherChannels(data, info.channels), size, channels: MAX_CHANNELS, frames };
}

const MAX_CHANNELS = 4;

/** A TIFF may have more channels than colour and alpha, for example masks. */
function withoutFurtherChannels(pixels: Buffer, channels: number): Buffer {
  const kept = Buffer.alloc((pixels.length / channels) * MAX_CHANNELS);
  for (let from = 0, to = 0; to < kept.length; from += channels, to += MAX_CHANNELS)
    pixels.copy(kept, to, from, from + MAX_CHANNELS);
  return kept;
}

function baseFromStrip(strip: Strip): Base {
  const { size, frames } = strip;
  return {
    size,
    frames,
    wide: false,
    async strip(target, which) {
      const selected = which === 'all' ? strip : frameOf(strip, 0);
      return isSame(target.size, size) ? selected : eachFrame(selected, (frame) => scaleTo(target, frame));
    },
    async open(target, which) {
      const selected = which === 'all' ? strip : frameOf(strip, 0);
      if (isSame(target.size, size)) return openStrip(selected);
      if (selected.frames === 1) return scaleTo(target, openStrip(selected));
      return openStrip(await eachFrame(selected, (frame) => scaleTo(target, frame)));
    },
  };
}

// Raw pixels cannot carry a profile, so a wide gamut is held in an uncompressed PNG with libvips' built-in P3 profile.
async function wideGamutBase(pipeline: Sharp, size: Size): Promise<Base> {
  const still = await pipeline
    .pipelineColourspace('rgb16')
    .withIccProfile('p3')
    .png({ compressionLevel: 0 })
    .toBuffer();
  return {
    size,
    frames: 1,
    wide: true,
    strip: async () => null,
    async open(target) {
      const image = sharp(still, { limitInputPixels: false });
      return isSame(target.size, size) ? image : scaleTo(target, image);
    },
  };
}

function scaleTo({ scaled, size }: Target, image: Sharp): Sharp {
  return image.resize({ ...size, fit: isSame(size, scaled) ? 'fill' : 'cover' });
}
