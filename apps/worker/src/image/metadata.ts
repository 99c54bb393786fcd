import exifReader from 'exif-reader';
import * as icc from 'icc';
import type { Metadata } from 'sharp';

/** What the source carried besides pixels, for the receipt. All of it is dropped. */
export function describeMetadata(metadata: Metadata): { removed: string[]; gpsRemoved: boolean } {
  const { exif, xmp, iptc, comments } = metadata;
  const found = { exif, xmp, iptc, comments };
  const removed = Object.entries(found).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return { removed, gpsRemoved: exif !== undefined && hasGps(exif) };
}

/** Whether colours need converting, and how the receipt names that. */
export function describeColor(metadata: Metadata, preserved: boolean): string {
  const { space, icc: profile } = metadata;
  if (space === 'cmyk') return 'CMYK → sRGB';
  if (profile === undefined)
    return space === 'srgb' || space === undefined ? 'sRGB (assumed)' : `${space} → sRGB`;
  const name = profileName(profile);
  if (/\bsrgb\b/i.test(name)) return 'sRGB';
  return preserved ? `${name} → Display P3` : `${name} → sRGB`;
}

/** A profile of a wider gamut than sRGB, which `colorSpace: preserve` is about. */
export function isWideGamut({ icc: profile, space }: Metadata): boolean {
  return (
    profile !== undefined && space !== 'cmyk' && space !== 'b-w' && !/\bsrgb\b/i.test(profileName(profile))
  );
}

function profileName(profile: Buffer): string {
  try {
    const { description } = icc.parse(profile);
    const printable = (description ?? '').replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '').trim();
    return printable === '' ? 'unnamed profile' : printable.slice(0, 64);
  } catch {
    return 'unreadable profile';
  }
}

function hasGps(exif: Buffer): boolean {
  try {
    const { GPSInfo } = exifReader(exif);
    return GPSInfo !== undefined && Object.keys(GPSInfo).length > 0;
  } catch {
    // What cannot be read may hold anything; it is gone all the same.
    return false;
  }
}
