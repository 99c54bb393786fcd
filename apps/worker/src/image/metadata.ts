import * as icc from 'icc';
import type { Metadata } from 'sharp';
import { hasGps } from './gps.js';

/** The properties of XMP's exif namespace (XMP part 2, 3.2), and what tools make of them. */
const GPS_IN_XMP = /GPS(?:Latitude|Longitude|Position|Coordinates)/;

/** What the source carried besides pixels, for the receipt. All of it is dropped. */
export function describeMetadata(metadata: Metadata): { removed: string[]; gpsRemoved: boolean } {
  const { exif, xmp, iptc, comments } = metadata;
  const found = { exif, xmp, iptc, comments };
  const removed = Object.entries(found).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return {
    removed,
    gpsRemoved:
      (exif !== undefined && hasGps(exif)) || (xmp !== undefined && GPS_IN_XMP.test(xmp.toString())),
  };
}

/** What became of the colours, for the receipt. */
export function describeColor(metadata: Metadata, preserved: boolean): string {
  const { space, icc: profile } = metadata;
  const kind = space?.replace(/16$/, '') ?? 'srgb';
  if (kind === 'cmyk') return 'CMYK → sRGB';
  const name = profile === undefined ? null : profileName(profile);
  if (kind === 'b-w' || kind === 'grey') return name === null ? 'grey → sRGB' : `grey (${name}) → sRGB`;
  if (name === null) return kind === 'srgb' || kind === 'rgb' ? 'sRGB (assumed)' : `${kind} → sRGB`;
  if (isSrgb(name)) return 'sRGB';
  return preserved ? `${name} → Display P3` : `${name} → sRGB`;
}

/** A profile of a wider gamut than sRGB, which `colorSpace: preserve` is about. */
export function isWideGamut({ icc: profile, space }: Metadata): boolean {
  if (profile === undefined || (space !== 'srgb' && space !== 'rgb16')) return false;
  const name = profileName(profile);
  return name !== UNREADABLE && !isSrgb(name);
}

function isSrgb(name: string): boolean {
  return /\bsrgb\b/i.test(name);
}

/** libvips takes such a picture for sRGB. */
const UNREADABLE = 'unreadable profile';

function profileName(profile: Buffer): string {
  try {
    const { description } = icc.parse(profile);
    const printable = (description ?? '').replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '').trim();
    return printable === '' ? 'unnamed profile' : printable.slice(0, 64);
  } catch {
    return UNREADABLE;
  }
}
