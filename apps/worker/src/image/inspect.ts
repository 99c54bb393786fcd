import { type FileHandle, open } from 'node:fs/promises';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profile } from '@pixdock/contract/profile';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import sharp, { type Metadata } from 'sharp';
import { readPngColour } from './colour/png-colour.js';
import type { SignalledColour } from './colour/signalled-colour.js';
import { FileBytes } from './container/bytes.js';
import { type EmbeddedMetadata, findMetadata } from './container/embedded-metadata.js';
import { isPremultiplied, readNclxColour } from './container/heif.js';
import { hasHole } from './container/jpeg-hole.js';
import { countScans, indicatesDamage } from './container/jpeg-scans.js';
import { isTruncated } from './container/truncated.js';
import { Refusal } from './refusal.js';
import { readCoding, type SourceCoding } from './source-coding.js';
import type { ImageLimits } from './types.js';

/** The header of an image that passed every check before decoding. */
export interface Inspected {
  format: ImageFormat;
  /** After orientation. */
  width: number;
  height: number;
  frames: number;
  /** The EXIF value, 1 to 8. */
  orientation: number;
  metadata: Metadata;
  embedded: EmbeddedMetadata;
  /** If it has a profile, `metadata` describes an RGB image with that profile. */
  signalled: SignalledColour | null;
  /** Whether the decoder returns colours premultiplied by alpha. */
  isPremultiplied: boolean;
  coding: SourceCoding;
}

/** The item list of a still image lies within this many bytes. */
const META_BYTES = 4096;

/** Reads the header only. @throws Refusal */
export async function inspect(path: string, profile: Profile, limits: ImageLimits): Promise<Inspected> {
  const file = await open(path, 'r');
  try {
    const format = await readFormat(file, limits.formats);
    const bytes = new FileBytes(file.fd);
    checkSource(format, bytes.size, profile);
    if (format === 'jpeg') checkScans(bytes, limits.maxScans);
    // The decoder detects a truncated JPEG. For other formats it may accept the partial image.
    else if (isTruncated(bytes, format)) throw new Refusal('image_truncated');
    const inspected = await readHeader(bytes, path, format);
    checkCost(inspected, limits);
    checkShape(inspected, profile);
    return inspected;
  } finally {
    await file.close();
  }
}

/** The refusal for an undecodable file: truncated or corrupt. */
export async function diagnoseDamage(path: string, format: ImageFormat): Promise<Refusal> {
  const file = await open(path, 'r');
  try {
    return damageRefusal(new FileBytes(file.fd), format);
  } finally {
    await file.close();
  }
}

/** libjpeg fills undecodable areas with grey and at most warns. @throws Refusal when it did */
export async function checkPixels(path: string, warnings: readonly string[]): Promise<void> {
  const file = await open(path, 'r');
  try {
    const bytes = new FileBytes(file.fd);
    if (warnings.some((warning) => indicatesDamage(warning, bytes)) || (await hasHole(bytes)))
      throw damageRefusal(bytes, 'jpeg');
  } finally {
    await file.close();
  }
}

function damageRefusal(bytes: FileBytes, format: ImageFormat): Refusal {
  return new Refusal(isTruncated(bytes, format) ? 'image_truncated' : 'image_corrupt');
}

async function readFormat(file: FileHandle, formats: readonly ImageFormat[]): Promise<ImageFormat> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
  const format = detectFormat(buffer.subarray(0, bytesRead));
  if (format === 'heic') throw new Refusal('heic_unsupported');
  if (format === null || format === 'avis' || !formats.includes(format))
    throw new Refusal('unsupported_media_type');
  return format;
}

function checkSource(format: ImageFormat, bytes: number, { require }: Profile): void {
  if (require.formats !== undefined && !require.formats.includes(format))
    throw new Refusal(
      'unsupported_media_type',
      detailOf('decoded-format', { formats: require.formats, format }),
    );
  if (require.maxBytes !== undefined && bytes > require.maxBytes)
    throw new Refusal('source_too_large', detailOf('decoded-bytes', { max: require.maxBytes, bytes }));
}

function checkScans(bytes: FileBytes, maxScans: number): void {
  if (countScans(bytes, maxScans).scans <= maxScans) return;
  throw new Refusal('image_too_complex', detailOf('too-many-scans', { max: maxScans }));
}

async function readHeader(bytes: FileBytes, path: string, format: ImageFormat): Promise<Inspected> {
  let metadata: Metadata;
  try {
    metadata = await sharp(path, { failOn: 'error', limitInputPixels: false }).metadata();
  } catch {
    throw damageRefusal(bytes, format);
  }
  if (metadata.format === 'heif' && isHevc(metadata, bytes)) throw new Refusal('heic_unsupported');
  if (metadata.format !== (format === 'avif' ? 'heif' : format)) throw new Refusal('image_corrupt');
  const { width, height } = metadata.autoOrient;
  const frames = format === 'gif' || format === 'webp' ? (metadata.pages ?? 1) : 1;
  const orientation = metadata.orientation ?? 1;
  const embedded = findMetadata(bytes, format);
  const coding = readCoding(path, bytes, format, metadata);
  const signalled = signalledColour(bytes, format, metadata);
  const icc = signalled?.profile ?? null;
  if (icc !== null) metadata = { ...metadata, icc, space: is16Bit(metadata) ? 'rgb16' : 'srgb' };
  return {
    format,
    width,
    height,
    frames,
    orientation,
    metadata,
    embedded,
    signalled,
    isPremultiplied: format === 'avif' && metadata.hasAlpha && isPremultiplied(bytes),
    coding,
  };
}

function signalledColour(bytes: FileBytes, format: ImageFormat, { icc }: Metadata): SignalledColour | null {
  if (format === 'png') return readPngColour(bytes, icc !== undefined);
  return format === 'avif' && icc === undefined ? readNclxColour(bytes) : null;
}

const is16Bit = ({ space }: Metadata) => space === 'rgb16' || space === 'grey16';

// libvips reads only the major brand and reports the generic mif1 as HEVC, although AVIF 1.1 allows it.
function isHevc({ compression }: Metadata, bytes: FileBytes): boolean {
  return compression !== 'av1' && !bytes.text(0, META_BYTES).includes('av01');
}

function checkCost({ width, height, frames }: Inspected, { maxFrames, maxPixels }: ImageLimits): void {
  if (frames > maxFrames)
    throw new Refusal('too_many_frames', detailOf('too-many-frames', { frames, max: maxFrames }));
  if (width * height * frames <= maxPixels) return;
  const detail = detailOf('too-many-pixels', { width, height, frames, max: maxPixels });
  throw new Refusal('image_too_large', detail);
}

const ASPECT_TOLERANCE = 0.01;

function checkShape({ width, height, frames }: Inspected, { require, variants }: Profile): void {
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
