import type { ImageFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profile } from '@pixdock/contract/profile';
import type { FileBytes } from './container/bytes.js';
import { screenOf } from './container/gif.js';
import { type HeicParts, hasSequence, readHeicParts } from './container/heic.js';
import { MAX_ENTRIES } from './container/heif.js';
import { hasTooManyScans } from './container/jpeg-scans.js';
import { sampleBits } from './container/jpeg-segments.js';
import { hasTooManyParts, MAX_PARTS } from './container/parts.js';
import { endsWithMarker, isTruncated } from './container/truncated.js';
import { Refusal } from './refusal.js';
import type { ImageLimits } from './types.js';

/** Compares the file with the profile. @throws Refusal */
export function checkFile(format: ImageFormat, bytes: number, { require }: Profile): void {
  if (require.formats !== undefined && !require.formats.includes(format))
    throw new Refusal(
      'unsupported_media_type',
      detailOf('decoded-format', { formats: require.formats, format }),
    );
  if (require.maxBytes !== undefined && bytes > require.maxBytes)
    throw new Refusal('source_too_large', detailOf('decoded-bytes', { max: require.maxBytes, bytes }));
}

/** Checks what libvips does not check in the container. @throws Refusal */
export function checkContainer(bytes: FileBytes, format: ImageFormat, limits: ImageLimits): void {
  if (hasTooManyParts(bytes, format))
    throw new Refusal('image_too_complex', detailOf('container-too-many-parts', { max: MAX_PARTS[format] }));
  if (format === 'jpeg') return checkJpeg(bytes, limits);
  // The decoder detects a truncated JPEG. For other formats it may accept the partial image.
  if (isTruncated(bytes, format)) throw damageRefusal(bytes, format);
  if (format !== 'gif') return;
  const { width, height } = screenOf(bytes);
  if (width === 0 || height === 0) throw new Refusal('image_corrupt', detailOf('gif-without-size'));
}

/** The refusal for an undecodable file: truncated, or corrupt if it ends as its format ends. */
export function damageRefusal(bytes: FileBytes, format: ImageFormat): Refusal {
  const isCut = isTruncated(bytes, format) && !endsWithMarker(bytes, format);
  return new Refusal(isCut ? 'image_truncated' : 'image_corrupt');
}

function checkJpeg(bytes: FileBytes, { maxScans }: ImageLimits): void {
  if (hasTooManyScans(bytes, maxScans))
    throw new Refusal('image_too_complex', detailOf('too-many-scans', { max: maxScans }));
  const bits = sampleBits(bytes);
  if (bits === 12 || bits === 16)
    throw new Refusal('unsupported_media_type', detailOf('jpeg-bits', { bits }));
}

/** A photograph of 48 MP from a phone has 192 tiles. */
const MAX_TILES = MAX_ENTRIES;

/** Checks the coding and the number of tiles of a HEIC file. @throws Refusal */
export function checkHeic(bytes: FileBytes): HeicParts {
  const parts = readHeicParts(bytes);
  if (parts === null && hasSequence(bytes))
    throw new Refusal('unsupported_media_type', detailOf('heic-sequence'));
  if (parts === null) throw new Refusal('image_corrupt');
  const { coding, tiles, codedPixels } = parts;
  if (coding !== 'hvc1') throw new Refusal('unsupported_media_type', detailOf('heif-coding', { coding }));
  if (tiles > MAX_TILES)
    throw new Refusal('image_too_complex', detailOf('too-many-tiles', { tiles, max: MAX_TILES }));
  if (Number.isNaN(codedPixels) || tiles === 0) throw new Refusal('image_corrupt');
  return parts;
}

interface Shape {
  width: number;
  height: number;
  frames: number;
}

/** Largest ratio of coded to visible pixels: tiles extend beyond the edges, alpha is coded separately, and phones crop a little. */
const MAX_CODED_SHARE = 3;

/** Compares the cost of a decode with the limits. @throws Refusal */
export function checkCost(
  { width, height, frames, heic }: Shape & { heic: HeicParts | null },
  limits: ImageLimits,
): void {
  const { maxFrames, maxPixels, maxAnimationPixels } = limits;
  if (frames > maxFrames)
    throw new Refusal('too_many_frames', detailOf('too-many-frames', { frames, max: maxFrames }));
  if (width * height > maxPixels) throw tooLarge({ width, height, frames: 1 }, maxPixels);
  if (frames > 1 && width * height * frames > maxAnimationPixels)
    throw tooLarge({ width, height, frames }, maxAnimationPixels);
  if (heic !== null && heic.codedPixels > MAX_CODED_SHARE * maxPixels)
    throw new Refusal('image_too_complex', detailOf('heic-work'));
}

function tooLarge(shape: Shape, max: number): Refusal {
  return new Refusal('image_too_large', detailOf('too-many-pixels', { ...shape, max }));
}

const ASPECT_TOLERANCE = 0.01;

/** Compares the size after orientation and the frames of the file with the profile. @throws Refusal */
export function checkShape({ width, height, frames }: Shape, { require, variants }: Profile): void {
  const { minWidth = 1, minHeight = 1, aspect } = require;
  if (width < minWidth || height < minHeight)
    throw new Refusal('image_too_small', detailOf('too-small', { width, height, minWidth, minHeight }));
  if (aspect !== undefined) {
    const [across = 1, down = 1] = aspect.split(':').map(Number);
    const wanted = across / down;
    if (Math.abs(width / height - wanted) > wanted * ASPECT_TOLERANCE)
      throw new Refusal('aspect_mismatch', detailOf('wrong-aspect', { width, height, aspect }));
  }
  if (frames > 1 && Object.values(variants).some(({ animated }) => animated === 'reject'))
    throw new Refusal('too_many_frames', detailOf('animation-not-accepted'));
}
