import type { Metadata } from 'sharp';
import { readIcc } from './colour/icc.js';
import type { SignalledColour } from './colour/signalled-colour.js';
import { type Carried, hasPlace } from './container/carried.js';

/** What the source carried besides pixels, for the receipt. All of it is dropped. */
export function describeMetadata(
  { exif, xmp, iptc, comments }: Metadata,
  { kinds, hasPlace: isTold }: Carried,
): { removed: string[]; gpsRemoved: boolean } {
  const found = {
    exif: exif !== undefined || kinds.has('exif'),
    xmp: xmp !== undefined || kinds.has('xmp'),
    iptc: iptc !== undefined,
    comments: comments !== undefined || kinds.has('comments'),
  };
  return {
    removed: Object.entries(found).flatMap(([name, isThere]) => (isThere ? [name] : [])),
    gpsRemoved:
      isTold || (exif !== undefined && hasPlace('exif', exif)) || (xmp !== undefined && hasPlace('xmp', xmp)),
  };
}

/** What became of the colours, for the receipt. */
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

// libvips imports no profile into 16-bit grey.
const isConverted = (metadata: Metadata) =>
  metadata.icc !== undefined && metadata.space !== 'grey16' && !hasForeignProfile(metadata);

/** What a profile must be for, by the space of the pixels as libvips names it. */
const SPACES: Readonly<Record<string, string>> = {
  srgb: 'RGB',
  rgb16: 'RGB',
  'b-w': 'GRAY',
  grey16: 'GRAY',
  cmyk: 'CMYK',
};

/** Whether the profile is for other pixels than these: by one for XYZ a picture would become white. */
export function hasForeignProfile({ icc, space }: Metadata): boolean {
  const profile = icc === undefined ? null : readIcc(icc);
  const wanted = space === undefined ? undefined : SPACES[space];
  return profile !== null && wanted !== undefined && profile.space !== wanted;
}

/** A profile of a wider gamut than sRGB, which `colorSpace: preserve` is about. */
export function isWideGamut(metadata: Metadata): boolean {
  const { icc, space } = metadata;
  if (icc === undefined || (space !== 'srgb' && space !== 'rgb16') || hasForeignProfile(metadata))
    return false;
  const name = profileName(metadata);
  return name !== UNREADABLE && !isSrgb(name);
}

function isSrgb(name: string): boolean {
  return /\bsrgb\b/i.test(name);
}

/** libvips takes such a picture for sRGB. */
const UNREADABLE = 'unreadable profile';

function profileName({ icc }: Metadata): string {
  const profile = icc === undefined ? null : readIcc(icc);
  if (profile === null) return UNREADABLE;
  const printable = profile.name.replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '').trim();
  return printable === '' ? 'unnamed profile' : printable.slice(0, 64);
}
