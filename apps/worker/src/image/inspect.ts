import type { ImageFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profile } from '@pixdock/contract/profile';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import sharp, { type Metadata } from 'sharp';
import { checkContainer, checkCost, checkFile, checkHeic, checkShape, damageRefusal } from './checks.js';
import { readIcc } from './colour/icc.js';
import { readPngColour } from './colour/png-colour.js';
import { fromCodePoints, fromGreyCurve, type SignalledColour } from './colour/signalled-colour.js';
import {
  type AvifColour,
  hasLimitedAlpha,
  readAvifColour,
  readHeicColour,
  specifyMatrix,
} from './container/avif-colour.js';
import type { FileBytes } from './container/bytes.js';
import { type EmbeddedMetadata, findMetadata } from './container/embedded-metadata.js';
import { hasGainMap } from './container/gain-map.js';
import { completeGif, showsBackground } from './container/gif-screen.js';
import { countSequence, furtherParts, type HeicParts, hideOthers } from './container/heic.js';
import { hasItem, isPremultiplied } from './container/heif.js';
import { hasHole } from './container/jpeg-hole.js';
import { indicatesDamage } from './container/jpeg-scans.js';
import { countFrames, withoutTexts } from './container/png.js';
import { profileName } from './metadata.js';
import { Refusal } from './refusal.js';
import { readCoding, type SourceCoding } from './source-coding.js';
import type { ImageLimits } from './types.js';

/** The header of an image that passed every check before decoding. */
export interface Inspected {
  format: ImageFormat;
  /** After orientation. */
  width: number;
  height: number;
  /** Frames that the decoder reads. */
  frames: number;
  /** Frames of the file. The decoder reads only the first image of an animated PNG and the still image of a HEIC sequence. */
  sourceFrames: number;
  /** The EXIF value, 1 to 8. */
  orientation: number;
  metadata: Metadata;
  embedded: EmbeddedMetadata;
  /** If it has a profile, `metadata` describes an RGB image with that profile. */
  signalled: SignalledColour | null;
  /** Whether the decoder returns colours premultiplied by alpha. */
  isPremultiplied: boolean;
  /** Whether the decoder returns alpha in the range of video: transparent as 16 and opaque as 235. */
  isLimitedAlpha: boolean;
  /** Whether the decoder returns the grey of a video signal: black as 16 and white as 235. */
  isLimitedGrey: boolean;
  hasGainMap: boolean;
  /** Parts that no output keeps, besides metadata and the gain map. */
  lost: string[];
  /** The coded items of a HEIC image; null for other formats. */
  heic: HeicParts | null;
  /** The bytes to decode instead of the file, without texts, or because the decoder would show the file differently from a browser. */
  rewritten: Buffer | null;
  coding: SourceCoding;
  file: FileBytes;
}

/** A file that a decoder reads by its path, and checks by its bytes. */
export interface SourceFile {
  path: string;
  bytes: FileBytes;
}

/** Reads the header only. @throws Refusal */
export async function inspect(
  { path, bytes }: SourceFile,
  profile: Profile,
  limits: ImageLimits,
): Promise<Inspected> {
  const format = readFormat(bytes, limits.formats);
  checkFile(format, bytes.size, profile);
  checkContainer(bytes, format, limits);
  const heic = format === 'heic' ? checkHeic(bytes) : null;
  const inspected = await readHeader(bytes, path, format, heic);
  checkCost(inspected, limits);
  checkShape({ ...inspected, frames: inspected.sourceFrames }, profile);
  return inspected;
}

/** libjpeg fills undecodable areas with grey and at most warns. @throws Refusal when it did */
export async function checkPixels(bytes: FileBytes, warnings: readonly string[]): Promise<void> {
  if (warnings.some((warning) => indicatesDamage(warning, bytes)) || (await hasHole(bytes)))
    throw damageRefusal(bytes, 'jpeg');
}

function readFormat(bytes: FileBytes, formats: readonly ImageFormat[]): ImageFormat {
  const format = detectFormat(bytes.slice(0, SIGNATURE_BYTES));
  if (format === 'heic' && !formats.includes(format)) throw new Refusal('heic_unsupported');
  if (format === 'jxl') throw new Refusal('unsupported_media_type', detailOf('jpeg-xl'));
  if (format === null || format === 'avis' || !formats.includes(format))
    throw new Refusal('unsupported_media_type');
  return format;
}

async function readHeader(
  bytes: FileBytes,
  path: string,
  format: ImageFormat,
  heic: HeicParts | null,
): Promise<Inspected> {
  const replacement = heic !== null ? hideOthers(bytes) : format === 'png' ? withoutTexts(bytes) : null;
  let metadata: Metadata;
  try {
    metadata = await sharp(replacement ?? path, { failOn: 'error', limitInputPixels: false }).metadata();
  } catch {
    throw damageRefusal(bytes, format);
  }
  if (format === 'avif' && metadata.format === 'heif' && isHevc(metadata, bytes))
    throw new Refusal('heic_unsupported');
  if (metadata.format !== (isHeif(format) ? 'heif' : format)) throw new Refusal('image_corrupt');
  const frames = format === 'gif' || format === 'webp' ? (metadata.pages ?? 1) : 1;
  // Browsers ignore the orientation in a WebP.
  const orientation = format === 'webp' ? 1 : (metadata.orientation ?? 1);
  const { width, height } = format === 'webp' ? metadata : metadata.autoOrient;
  const embedded = findMetadata(bytes, format);
  const coded = format === 'avif' ? readAvifColour(bytes) : heic !== null ? readHeicColour(bytes) : null;
  const signalled = signalledColour(bytes, format, metadata, coded);
  const needsAlpha = format === 'gif' && !metadata.hasAlpha && showsBackground(bytes, metadata);
  if (needsAlpha) metadata = { ...metadata, hasAlpha: true, channels: 4 };
  const coding = readCoding(bytes, format, metadata);
  const sourceFrames = format === 'png' ? countFrames(bytes) : heic !== null ? countSequence(bytes) : frames;
  const icc = signalled?.profile ?? null;
  if (icc !== null) metadata = { ...metadata, icc, space: is16Bit(metadata) ? 'rgb16' : 'srgb' };
  return {
    format,
    width,
    height,
    frames,
    sourceFrames,
    orientation,
    metadata,
    embedded,
    signalled,
    isPremultiplied: isHeif(format) && metadata.hasAlpha && isPremultiplied(bytes),
    isLimitedAlpha: format === 'avif' && metadata.hasAlpha && hasLimitedAlpha(bytes),
    isLimitedGrey: coded !== null && coded.isMonochrome && !coded.isFullRange,
    hasGainMap: hasGainMap(bytes, format),
    lost: [...(sourceFrames > frames ? ['animation'] : []), ...(heic !== null ? furtherParts(bytes) : [])],
    heic,
    rewritten:
      format === 'gif'
        ? completeGif(bytes, needsAlpha)
        : format === 'avif'
          ? specifyMatrix(bytes)
          : replacement,
    coding,
    file: bytes,
  };
}

function signalledColour(
  bytes: FileBytes,
  format: ImageFormat,
  metadata: Metadata,
  coded: AvifColour | null,
): SignalledColour | null {
  const { icc } = metadata;
  if (format === 'png') return readPngColour(bytes, icc !== undefined) ?? greyColour(metadata);
  if (coded === null || icc !== undefined) return greyColour(metadata);
  return fromCodePoints(coded.primaries, coded.transfer, coded.source) ?? null;
}

// sharp applies no profile to 16-bit grey.
function greyColour(metadata: Metadata): SignalledColour | null {
  const { icc, space } = metadata;
  const profile = space === 'grey16' && icc !== undefined ? readIcc(icc) : null;
  if (profile === null || profile.greyToLinear === null) return null;
  return fromGreyCurve(`grey (${profileName(metadata)})`, profile.greyToLinear);
}

const isHeif = (format: ImageFormat) => format === 'avif' || format === 'heic';

const is16Bit = ({ space }: Metadata) => space === 'rgb16' || space === 'grey16';

// libvips reads only the major brand and reports the generic mif1 as HEVC, although AVIF 1.1 allows it.
function isHevc({ compression }: Metadata, bytes: FileBytes): boolean {
  return compression !== 'av1' && !hasItem(bytes, 'av01');
}
