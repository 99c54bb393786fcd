import type { Metadata } from 'sharp';
import { readIcc } from './colour/icc.js';
import type { SignalledColour } from './colour/signalled-colour.js';
import { type EmbeddedMetadata, hasLocation } from './container/embedded-metadata.js';

/** Lists the parts of the source that the outputs lack: its metadata, and `lost`. */
export function describeMetadata(
  { exif, iptc, comments }: Metadata,
  xmp: readonly Buffer[],
  { kinds, hasLocation: hasEmbeddedLocation }: EmbeddedMetadata,
  lost: readonly string[],
): { removed: string[]; gpsRemoved: boolean } {
  const found = {
    exif: exif !== undefined || kinds.has('exif'),
    xmp: xmp.length > 0 || kinds.has('xmp'),
    iptc: iptc !== undefined,
    comments: comments !== undefined || kinds.has('comments'),
  };
  return {
    removed: [...Object.entries(found).flatMap(([name, isPresent]) => (isPresent ? [name] : [])), ...lost],
    gpsRemoved:
      hasEmbeddedLocation ||
      (exif !== undefined && hasLocation('exif', exif)) ||
      xmp.some((packet) => hasLocation('xmp', packet)),
  };
}

/** Describes the colour conversion for the receipt. */
export function describeColor(
  metadata: Metadata,
  signalled: SignalledColour | null,
  preserved: boolean,
): string {
  if (signalled?.profile === null) return `${signalled.name} (not converted)`;
  const kind = metadata.space?.replace(/16$/, '') ?? 'srgb';
  if (kind === 'cmyk') return 'CMYK → sRGB';
  const name = isConverted(metadata) ? profileName(metadata) : null;
  if (kind === 'b-w' || kind === 'grey') return name === null ? 'grey → sRGB' : `grey (${name}) → sRGB`;
  if (name === null) return kind === 'srgb' || kind === 'rgb' ? 'sRGB (assumed)' : `${kind} → sRGB`;
  if (isSrgb(name)) return 'sRGB';
  return preserved ? `${name} → Display P3` : `${name} → sRGB`;
}

/** Whether the pixels differ from those of the source because of their colour space or depth. */
export function convertsColour(metadata: Metadata, signalled: SignalledColour | null): boolean {
  if (signalled !== null) return signalled.profile !== null;
  if (metadata.space !== 'srgb' && metadata.space !== 'b-w') return true;
  return isConverted(metadata) && !isSrgb(profileName(metadata));
}

// libvips does not apply profiles to 16-bit grey.
const isConverted = (metadata: Metadata) =>
  metadata.icc !== undefined && metadata.space !== 'grey16' && !hasMismatchedProfile(metadata);

/** The ICC colour space for each libvips pixel space. */
const SPACES: Readonly<Record<string, string>> = {
  srgb: 'RGB',
  rgb16: 'RGB',
  'b-w': 'GRAY',
  grey16: 'GRAY',
  cmyk: 'CMYK',
};

/** Whether the profile does not match the pixel space. An XYZ profile, for example, would turn an RGB image white. */
function hasMismatchedProfile({ icc, space }: Metadata): boolean {
  const profile = icc === undefined ? null : readIcc(icc);
  const wanted = space === undefined ? undefined : SPACES[space];
  return profile !== null && wanted !== undefined && profile.space !== wanted;
}

/** Whether the decoder may apply the profile of the file. */
export function hasUsableProfile(metadata: Metadata): boolean {
  const { icc } = metadata;
  return icc !== undefined && readIcc(icc) !== null && !hasMismatchedProfile(metadata);
}

/** Whether the profile has a wider gamut than sRGB, as `colorSpace: preserve` requires. */
export function isWideGamut(metadata: Metadata): boolean {
  const { icc, space } = metadata;
  if (icc === undefined || (space !== 'srgb' && space !== 'rgb16') || hasMismatchedProfile(metadata))
    return false;
  const name = profileName(metadata);
  return name !== UNREADABLE && !isSrgb(name);
}

function isSrgb(name: string): boolean {
  return /\bsrgb\b/i.test(name);
}

export const namesSrgb = (metadata: Metadata) => isSrgb(profileName(metadata));

/** libvips treats such an image as sRGB. */
const UNREADABLE = 'unreadable profile';

/** A printable name of the profile, for the receipt. */
export function profileName({ icc }: Metadata): string {
  const profile = icc === undefined ? null : readIcc(icc);
  if (profile === null) return UNREADABLE;
  const printable = profile.name.replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '').trim();
  return printable === '' ? 'unnamed profile' : printable.slice(0, 64);
}
